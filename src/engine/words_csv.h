/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One record of comma-separated values, RFC 4180: a field in quotes may hold commas and "". */

#include "base/arena.h"
#include "base/err.h"

/* The field that begins at *rest; *rest is the next one then, or NULL after the last. */
int csv_next(const char **rest, struct arena *arena, char **ret_field, struct err *err);
