/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * docker's JSON as tables (oci/schema.h) over one flat struct of ours: what docker nests is a table
 * of its own, with the same struct. A member that docker has and that says nothing here has
 * docker's empty value, so that whoever looks for it finds it: it lies where always is zero.
 */

#include "oci/schema.h"
#include "oci/types.h"

#include <stddef.h>

/* As much as any scalar, list or pointer takes. */
struct shape_nothing {
	struct oci_strings list;
	struct oci_u64 number;
};

#define SHAPE_ROW(type, member, json, what, ...) \
	{ json, SCHEMA_##what, .offset = offsetof(struct type, member), __VA_ARGS__ }

/* It is there always; it is there, and null if it is absent; it is left out if it is absent. */
#define SHAPE(type, member, json, what) \
	SHAPE_ROW(type, member, json, what, .flags = SCHEMA_REQUIRED)
#define SHAPE_NULL(type, member, json, what) \
	SHAPE_ROW(type, member, json, what, .flags = SCHEMA_NULL)
#define SHAPE_MAYBE(type, member, json, what) SHAPE_ROW(type, member, json, what, .flags = 0)

/* Lists, maps and objects of what another table describes. */
#define SHAPE_OF(type, member, json, what, schema) \
	SHAPE_ROW(type, member, json, what, .flags = SCHEMA_REQUIRED, .sub = &(schema))
#define SHAPE_NULL_OF(type, member, json, what, schema) \
	SHAPE_ROW(type, member, json, what, .flags = SCHEMA_NULL, .sub = &(schema))

/* What docker nests, of the same struct. */
#define SHAPE_PART(json, schema) \
	{ json, SCHEMA_EMBEDDED, .flags = SCHEMA_REQUIRED, .sub = &(schema) }
