/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Configuration files: TOML 1.0 without its floats and dates, which nothing here is. A document
 * becomes a tree of values in an arena; each knows its line, so that who reads it can say where
 * something is wrong.
 *
 * Refused besides what TOML forbids: more than 1 MiB, more than 32 levels, NUL.
 */

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOML_MAX_BYTES ((size_t)1 << 20)
#define TOML_MAX_DEPTH 32

enum toml_kind { TOML_STRING, TOML_INTEGER, TOML_BOOLEAN, TOML_ARRAY, TOML_TABLE };

/* How a table came to be, which says who may still add to it. Of no interest outside. */
enum toml_origin { TOML_IMPLIED, TOML_HEADER, TOML_DOTTED, TOML_INLINE };

struct toml {
	enum toml_kind kind;
	enum toml_origin origin;
	unsigned line;
	char *key;          /* of a member of a table; NULL: an item of an array */
	struct toml *next;  /* the next member or item */
	struct toml *first, *last; /* of a table or an array */
	char *string;
	int64_t integer;
	bool boolean;
};

/* The document's table. The error has the line: "line 3: ...". ERR_USAGE. */
int toml_parse(const char *text, size_t len, struct arena *arena, struct toml **ret,
	       struct err *err);

/* The member of that name, or NULL. */
const struct toml *toml_find(const struct toml *table, const char *key);

/* The same, of that kind: -EINVAL when it is of another. *ret is NULL when there is none. */
int toml_find_kind(const struct toml *table, const char *key, enum toml_kind kind,
		   const struct toml **ret, struct err *err);

/* Leave *ret alone when there is none. */
int toml_read_string(const struct toml *table, const char *key, const char **ret,
		     struct err *err);
int toml_read_boolean(const struct toml *table, const char *key, bool *ret, struct err *err);

/* An array all of whose items are of that kind; *ret_first is the first of them, or NULL. */
int toml_read_array(const struct toml *table, const char *key, enum toml_kind kind,
		    const struct toml **ret_first, struct err *err);
