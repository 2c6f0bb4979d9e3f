/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One table describes an object of a JSON document: its members, their types, and where they lie
 * in the C struct. From it the document is read, checked and written. Whatever tare keeps or reads
 * as JSON goes through here: config.json, resources, state records, features.
 *
 * Members that no table names are ignored, as the specification asks. `null` is absence.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "oci/types.h"

#include <stdbool.h>
#include <stddef.h>

/* The C type of each kind is in the comment. */
enum schema_kind {
	SCHEMA_STRING,   /* char * */
	SCHEMA_BOOL,     /* bool */
	SCHEMA_I32,      /* int32_t */
	SCHEMA_U32,      /* uint32_t */
	SCHEMA_I64,      /* int64_t */
	SCHEMA_U64,      /* uint64_t */
	SCHEMA_ID,       /* uint32_t; 4294967295 is refused */
	SCHEMA_OPT_BOOL, /* struct oci_bool */
	SCHEMA_OPT_I64,  /* struct oci_i64 */
	SCHEMA_OPT_U64,  /* struct oci_u64 */
	SCHEMA_OPT_U16,  /* struct oci_u64, at most 65535 */
	SCHEMA_OPT_U32,  /* struct oci_u64, at most 4294967295 */
	SCHEMA_OPT_ID,   /* struct oci_u64; 4294967295 is refused */
	SCHEMA_STRINGS,  /* struct oci_strings */
	SCHEMA_IDS,      /* OCI_LIST(uint32_t), each as SCHEMA_ID */
	SCHEMA_PAIRS,    /* struct oci_pairs: an object of strings */
	SCHEMA_NAME,     /* int: an index into `names` */
	SCHEMA_OBJECT,   /* struct *, NULL when absent */
	SCHEMA_EMBEDDED, /* struct */
	SCHEMA_LIST,     /* OCI_LIST(struct) */
	SCHEMA_MAP,      /* OCI_LIST(struct); the key goes to the `char *` at offset 0 */
	SCHEMA_MAP_LIST, /* OCI_LIST(struct schema_named_list): arrays with names that are free */
};

enum schema_flags {
	SCHEMA_REQUIRED = 1 << 0,
	SCHEMA_NONEMPTY = 1 << 1, /* a string or an array that may not be empty */
	SCHEMA_NULL = 1 << 2,     /* written as null when it is absent */
};

/* Small: the loader relocates the pointers of all tables at each start. */
struct schema_field {
	const char *name;
	enum schema_kind kind : 8;
	unsigned flags : 8;
	unsigned offset : 16;
	const struct schema *sub;              /* of an object, list or map */
	int (*name_index)(const char *name);   /* of SCHEMA_NAME: -ENOENT when there is none */
	const char *(*index_name)(int index);
};

/* Of SCHEMA_MAP_LIST; the items are what `sub` describes. An empty one is written as null. */
struct schema_named_list {
	char *key;
	OCI_LIST(void) items;
};

struct schema {
	size_t size; /* of the C struct */
	const struct schema_field *fields;
	size_t n_fields;
};

#define SCHEMA(type, table) { sizeof(type), table, sizeof(table) / sizeof((table)[0]) }

/*
 * Parse a whole document into a new struct in `arena`. Refused besides what the table forbids: more
 * than 4 MiB, more than 64 levels, a member given twice, NUL in a string, invalid UTF-8, anything
 * after the end. The error names the member.
 */
int schema_parse(const struct schema *schema, const char *json, size_t len, struct arena *arena,
		 void **ret_object, struct err *err);

/* Is this member, at its place in the C struct, absent or empty? */
bool schema_is_absent(const struct schema_field *field, const void *member);

/* Write the object as JSON; absent and empty members are left out. */
void schema_format(const struct schema *schema, const void *object, struct buf *out);
void schema_format_pretty(const struct schema *schema, const void *object, struct buf *out);
