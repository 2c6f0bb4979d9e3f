/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON as text (RFC 8259): what the parser does not refuse by itself, where an error is, and how a
 * string is quoted.
 */

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>

/* What a document may at most be, so that a hostile one costs little. */
#define JSON_TEXT_MAX_BYTES ((size_t)4 << 20)
#define JSON_TEXT_MAX_DEPTH 64

/*
 * One pass before parsing: size, depth, no NUL (also not as an escape). *ret_members is the number
 * of members ("key": value) in all its objects; a parsed tree that has fewer lost a duplicate.
 */
int json_text_check(const char *json, size_t len, size_t *ret_members, struct err *err);

/* Fill `err` with "process.args[1] (line 12): REASON", for the byte at `offset`. -EINVAL. */
int json_text_refuse(const char *json, size_t len, size_t offset, const char *reason,
		     struct err *err);

/* Find the first member that an object has twice and say so in `err`. -EINVAL. */
int json_text_refuse_duplicate(const char *json, size_t len, struct err *err);

/* Add a document, which must be one, with line breaks and tabs for people. */
void json_text_indent(struct buf *out, const char *json);

/* Add `str` as a JSON string with its quotes. */
void json_text_quote(struct buf *out, const char *str);
