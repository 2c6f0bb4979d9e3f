/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Values as templates see them: a tree in an arena, made from JSON, from a C struct that a schema
 * describes, or by hand. A value is never changed once it is in a tree.
 *
 * What docker has as a struct is a record: a name that it does not have is a mistake. What has
 * names that are free, such as labels, is a map: a name that it does not have is absent.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "oci/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_kind {
	VALUE_ABSENT, /* what a map does not have: "<no value>" */
	VALUE_NIL,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_FLOAT,
	VALUE_STRING,
	VALUE_LIST,
	VALUE_MAP,
	VALUE_RECORD,
	VALUE_LOOKUP, /* a member to be called with a key, as in {{.Label "x"}}: `string` of it */
};

struct value;

/* A record whose members are made when they are asked for. */
struct value_source {
	size_t n;
	const char *(*name)(const struct value_source *source, size_t i);
	const struct value *(*make)(const struct value_source *source, size_t i,
				    struct arena *arena);
};

struct value {
	enum value_kind kind;
	bool is_null;    /* of a list or map: there is none, as JSON says with null; it is empty */
	bool is_hidden;  /* a member that is found by its name only */
	bool of_strings; /* of a map: what it does not have is "" to `index` */
	union {
		bool boolean;
		int64_t integer;
		double number;
		const char *string;
		struct {
			struct value *first, *last; /* of a list, map or record */
			size_t n;
			const struct value_source *source; /* or instead, of a record */
		};
		struct {
			const char *(*look_up)(const void *object, const char *key,
					       struct arena *arena);
			const void *object;
		};
	};
	const char *key; /* of a member of a map or record */
	struct value *next;
};

extern const struct value value_absent, value_nil, value_true, value_false;

/* ------------------------------------------------------------------------------- making */

/* An empty list, map or record, or whatever the caller fills in. */
struct value *value_new(struct arena *arena, enum value_kind kind);
struct value *value_int(struct arena *arena, int64_t integer);
struct value *value_float(struct arena *arena, double number);
struct value *value_string(struct arena *arena, const char *string); /* borrowed */

/* Append `child`, which is in no tree yet. `key`: NULL in a list. Of a map, sort it when done. */
void value_add(struct value *parent, const char *key, struct value *child);
void value_sort(struct value *map);

/* A value that may be in a tree, to be put into another one. */
struct value *value_copy(struct arena *arena, const struct value *value);

/*
 * From JSON: what schema_parse would refuse of any document, this does. An object is a record,
 * unless it is the member of one and its name is in `maps` ("Labels|Volumes").
 */
int value_parse(const char *json, size_t len, const char *maps, struct arena *arena,
		struct value **ret, struct err *err);

/* What schema_format would write; what it leaves out is there, but hidden. Strings are the
 * object's. */
struct value *value_from(const struct schema *schema, const void *object, struct arena *arena);

/* ------------------------------------------------------------------------------- looking */

/* A member of a map or record; NULL: there is none of that name. */
const struct value *value_find(const struct value *parent, const char *key, struct arena *arena);

/* The same record with all its members made. */
const struct value *value_whole(const struct value *value, struct arena *arena);

/* Is it true, in an `if`? */
bool value_is_true(const struct value *value);

/* As compact JSON. */
void value_format(const struct value *value, struct arena *arena, struct buf *out);
