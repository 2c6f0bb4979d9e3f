/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Text of strangers, such as the name of a process: any bytes but NUL. What is shown of it must
 * neither move the cursor nor turn the line around, and JSON takes valid UTF-8 only. RFC 3629.
 */

#include "base/buf.h"

#include <stdint.h>

/* The code point that `text` begins with, and its length in bytes; 0: it is none. */
size_t utf8_decode(const char *text, uint32_t *ret_code);

/* How many letters `text` has; a byte that is no part of one counts as one. */
size_t utf8_count(const char *text);

/* Add a code point; U+FFFD in place of what is none. */
void utf8_add(struct buf *out, uint32_t code);

/* Add `text` with U+FFFD for each byte that is no part of a code point. */
void utf8_add_valid(struct buf *out, const char *text);

/*
 * Add `text` in at most `columns` of a terminal, with "..." for what does not fit. Control
 * characters, marks of direction and bytes that are no UTF-8 are written as \x1b. Returns the
 * columns that were used; a character that some terminals show wide counts as two.
 */
size_t utf8_add_printable(struct buf *out, const char *text, size_t columns);
