/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Values as Go's package fmt prints them, which scripts have come to read: `[a b]` and
 * `map[a:1 b:2]`, the shortest digits that give back a number, `%!d(string=x)` for a verb that does
 * not suit.
 */

#include "template/value.h"

/* As %v does; nothing at all is "<nil>". */
void print_value(const struct value *value, struct arena *arena, struct buf *out);

/* As Sprint (a blank between two that are no strings) or as Sprintln. */
void print_values(const struct value *const *values, size_t n, bool is_line, struct arena *arena,
		  struct buf *out);

/* As Sprintf. No width and no precision is more than PRINT_MAX_WIDTH. */
#define PRINT_MAX_WIDTH 10000
void print_format(const char *format, const struct value *const *values, size_t n,
		  struct arena *arena, struct buf *out);

/* A string in quotes, as %q does. */
void print_quoted(const char *string, struct buf *out);

/* A number as Go's encoding/json has it. */
void print_float_json(double number, struct buf *out);

/* "string", "int", "map[string]interface {}": as %T does. */
const char *print_type(const struct value *value);
