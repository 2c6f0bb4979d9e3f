/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the two halves of the TOML reader, base/toml.c and base/toml_value.c, have of each other. */

#include "base/toml.h"

struct toml_reader {
	const char *p; /* the text that is left; it ends with NUL */
	unsigned line, depth;
	struct arena *arena;
	struct err *err;
};

/* "line N: ...". -EINVAL. */
__attribute__((format(printf, 2, 3))) int toml_refuse(struct toml_reader *r, const char *fmt, ...);

/* All of it is UTF-8 without control characters. */
int toml_check_text(struct toml_reader *r, size_t len);

void toml_skip_blanks(struct toml_reader *r);

/* Blanks, comments and ends of lines. */
int toml_skip_lines(struct toml_reader *r);

/* One part of a key, bare or quoted. */
int toml_read_key(struct toml_reader *r, char **ret);

/* A value with the blanks before it, as a new child of `parent`; `key` is NULL in an array. */
int toml_read_value(struct toml_reader *r, struct toml *parent, const char *key);

/* key = value, into a table. */
int toml_read_pair(struct toml_reader *r, struct toml *table);

struct toml *toml_add(struct toml_reader *r, struct toml *parent, const char *key,
		      enum toml_kind kind);
