/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What each record of a log has with it: labels and variables of the container that --log-opt
 * names, an object of strings, sorted by name.
 */

#include "base/buf.h"
#include "engine/config.h"

/* Add the object as text; nothing if it would be empty. Those that would make it longer than 128
 * KiB are left out. */
void log_attrs_format(const struct config *config, struct buf *out);

/* Add such an object as `logs --details` shows it, "name=value,name=value", each as in a URL.
 * -EINVAL: it is none. */
int log_attrs_show(const char *object, size_t len, struct buf *out);
