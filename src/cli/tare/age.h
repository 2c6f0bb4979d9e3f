/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How long ago something was, in docker's words: "About an hour", "2 weeks". */

#include "base/arena.h"

/* Since an RFC 3339 moment; "" if that is none. */
const char *age_since(const char *moment, struct arena *arena);

/* The same with " ago" behind it, "N/A" if that is none, as docker says of an image. */
const char *age_ago(const char *moment, struct arena *arena);

/* The moment itself, as docker lists it: "2026-11-23 21:14:30 +0000 UTC", in our time zone; "" if
 * that is none. */
const char *age_moment(const char *moment, struct arena *arena);
