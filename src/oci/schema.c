/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads JSON documents by tables (oci/schema.h). json-c makes the tree; from there every
 * member is found by its table row, checked and converted, and the tree is dropped: strings are
 * copied into the arena. While descending, a chain of `struct at` on the stack knows the path, so
 * that every error can name its member; it costs nothing as long as there is none.
 */
#include "oci/schema.h"

#include "oci/json_text.h"
#include "oci/types.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where we are in the document. */
struct at {
	const struct at *up;
	const char *name; /* of a member; NULL: an item */
	size_t index;
};

struct reader {
	struct arena *arena;
	struct err *err;
};

/* All lists have this shape, whatever their items are. */
struct any_list {
	void *v;
	size_t n;
};

typedef int read_fn(struct reader *r, const struct at *at, const struct schema_field *field,
		    struct json_object *json, void *out);

/* ------------------------------------------------------------------------------ errors */

static void path_add(const struct at *at, struct buf *out)
{
	if (!at)
		return;
	path_add(at->up, out);
	if (at->name)
		buf_printf(out, "%s%.64s", out->len ? "." : "", at->name);
	else
		buf_printf(out, "[%zu]", at->index);
}

__attribute__((format(printf, 3, 4))) static int refuse(struct reader *r, const struct at *at,
							const char *fmt, ...)
{
	auto_buf struct buf path = {};
	char reason[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	path_add(at, &path);
	return err_set(r->err, ERR_USAGE, EINVAL, "%s%s%s", buf_str(&path), path.len ? ": " : "",
		       reason);
}

static int refuse_type(struct reader *r, const struct at *at, const char *wanted,
		       struct json_object *json)
{
	static const char *const names[] = {
		[json_type_null] = "null",     [json_type_boolean] = "a boolean",
		[json_type_double] = "a number with a fraction", [json_type_int] = "a number",
		[json_type_object] = "an object", [json_type_array] = "an array",
		[json_type_string] = "a string",
	};

	return refuse(r, at, "must be %s, not %s", wanted, names[json_object_get_type(json)]);
}

/* ------------------------------------------------------------------------------ scalars */

static int read_string(struct reader *r, const struct at *at, const struct schema_field *field,
		       struct json_object *json, void *out)
{
	if (json_object_get_type(json) != json_type_string)
		return refuse_type(r, at, "a string", json);
	if ((field->flags & SCHEMA_NONEMPTY) && json_object_get_string_len(json) == 0)
		return refuse(r, at, "must not be empty");
	*(char **)out = arena_strndup(r->arena, json_object_get_string(json),
				      (size_t)json_object_get_string_len(json));
	return 0;
}

static int read_bool(struct reader *r, const struct at *at, const struct schema_field *field,
		     struct json_object *json, void *out)
{
	bool value;

	if (json_object_get_type(json) != json_type_boolean)
		return refuse_type(r, at, "true or false", json);
	value = json_object_get_boolean(json);
	if (field->kind == SCHEMA_BOOL)
		*(bool *)out = value;
	else
		*(struct oci_bool *)out = (struct oci_bool){ .is_set = true, .value = value };
	return 0;
}

static int read_signed(struct reader *r, const struct at *at, int64_t min, int64_t max,
		       struct json_object *json, int64_t *ret)
{
	int64_t value;

	if (json_object_get_type(json) != json_type_int)
		return refuse_type(r, at, "a whole number", json);
	value = json_object_get_int64(json);
	if (value < min || value > max || json_object_get_uint64(json) > (uint64_t)INT64_MAX)
		return refuse(r, at, "%s is out of range", json_object_to_json_string(json));
	*ret = value;
	return 0;
}

static int read_unsigned(struct reader *r, const struct at *at, uint64_t max,
			 struct json_object *json, uint64_t *ret)
{
	uint64_t value;

	if (json_object_get_type(json) != json_type_int)
		return refuse_type(r, at, "a whole number", json);
	value = json_object_get_uint64(json);
	if (json_object_get_int64(json) < 0 || value > max)
		return refuse(r, at, "%s is out of range", json_object_to_json_string(json));
	*ret = value;
	return 0;
}

static int read_i32(struct reader *r, const struct at *at, const struct schema_field *field,
		    struct json_object *json, void *out)
{
	int64_t value;
	int rc = read_signed(r, at, INT32_MIN, INT32_MAX, json, &value);

	(void)field;
	if (rc == 0)
		*(int32_t *)out = (int32_t)value;
	return rc;
}

static int read_i64(struct reader *r, const struct at *at, const struct schema_field *field,
		    struct json_object *json, void *out)
{
	int64_t value;
	int rc = read_signed(r, at, INT64_MIN, INT64_MAX, json, &value);

	if (rc < 0)
		return rc;
	if (field->kind == SCHEMA_I64)
		*(int64_t *)out = value;
	else
		*(struct oci_i64 *)out = (struct oci_i64){ .is_set = true, .value = value };
	return 0;
}

/* The largest value of each unsigned kind. */
static uint64_t unsigned_max(enum schema_kind kind)
{
	switch (kind) {
	case SCHEMA_U64:
	case SCHEMA_OPT_U64:
		return UINT64_MAX;
	case SCHEMA_OPT_U16:
		return UINT16_MAX;
	case SCHEMA_ID:
	case SCHEMA_IDS:
	case SCHEMA_OPT_ID:
		return UINT32_MAX - 1;
	default:
		return UINT32_MAX;
	}
}

static int read_plain_unsigned(struct reader *r, const struct at *at,
			       const struct schema_field *field, struct json_object *json,
			       void *out)
{
	uint64_t value;
	int rc = read_unsigned(r, at, unsigned_max(field->kind), json, &value);

	if (rc < 0)
		return rc;
	if (field->kind == SCHEMA_U64)
		*(uint64_t *)out = value;
	else
		*(uint32_t *)out = (uint32_t)value;
	return 0;
}

static int read_opt_unsigned(struct reader *r, const struct at *at,
			     const struct schema_field *field, struct json_object *json, void *out)
{
	uint64_t value;
	int rc = read_unsigned(r, at, unsigned_max(field->kind), json, &value);

	if (rc == 0)
		*(struct oci_u64 *)out = (struct oci_u64){ .is_set = true, .value = value };
	return rc;
}

static int read_name(struct reader *r, const struct at *at, const struct schema_field *field,
		     struct json_object *json, void *out)
{
	int index;

	if (json_object_get_type(json) != json_type_string)
		return refuse_type(r, at, "a string", json);
	index = field->name_index(json_object_get_string(json));
	if (index < 0)
		return refuse(r, at, "unknown value '%.64s'", json_object_get_string(json));
	*(int *)out = index;
	return 0;
}

/* ------------------------------------------------------------------------------ containers */

static int read_object(struct reader *r, const struct at *at, const struct schema *schema,
		       struct json_object *json, void *out);

static int check_array(struct reader *r, const struct at *at, const struct schema_field *field,
		       struct json_object *json)
{
	if (json_object_get_type(json) != json_type_array)
		return refuse_type(r, at, "an array", json);
	if ((field->flags & SCHEMA_NONEMPTY) && json_object_array_length(json) == 0)
		return refuse(r, at, "must not be empty");
	return 0;
}

/* One item more than there are is kept, zeroed: it ends an argv. */
static int read_array(struct reader *r, const struct at *at, const struct schema_field *item_field,
		      struct json_object *json, struct any_list *out, size_t item_size,
		      read_fn *read_item)
{
	size_t n;
	char *items;
	int rc;

	n = json_object_array_length(json);
	items = arena_alloc(r->arena, (n + 1) * item_size);
	for (size_t i = 0; i < n; i++) {
		struct at item_at = { .up = at, .index = i };

		rc = read_item(r, &item_at, item_field, json_object_array_get_idx(json, i),
			       items + i * item_size);
		if (rc < 0)
			return rc;
	}
	*out = (struct any_list){ .v = n ? items : NULL, .n = n };
	return 0;
}

static int read_strings(struct reader *r, const struct at *at, const struct schema_field *field,
			struct json_object *json, void *out)
{
	static const struct schema_field item = { .kind = SCHEMA_STRING };
	int rc = check_array(r, at, field, json);

	if (rc < 0)
		return rc;
	return read_array(r, at, &item, json, out, sizeof(char *), read_string);
}

static int read_ids(struct reader *r, const struct at *at, const struct schema_field *field,
		    struct json_object *json, void *out)
{
	int rc = check_array(r, at, field, json);

	if (rc < 0)
		return rc;
	return read_array(r, at, field, json, out, sizeof(uint32_t), read_plain_unsigned);
}

static int read_item_object(struct reader *r, const struct at *at,
			    const struct schema_field *field, struct json_object *json, void *out)
{
	return read_object(r, at, field->sub, json, out);
}

static int read_list(struct reader *r, const struct at *at, const struct schema_field *field,
		     struct json_object *json, void *out)
{
	int rc = check_array(r, at, field, json);

	if (rc < 0)
		return rc;
	return read_array(r, at, field, json, out, field->sub->size, read_item_object);
}

/* Read the members of an object whose names are free: each becomes an item with its key first. */
static int read_members(struct reader *r, const struct at *at, const struct schema_field *field,
			struct json_object *json, struct any_list *out, size_t item_size,
			read_fn *read_item)
{
	char *item;
	size_t n;

	if (json_object_get_type(json) != json_type_object)
		return refuse_type(r, at, "an object", json);
	n = (size_t)json_object_object_length(json);
	item = arena_alloc(r->arena, (n + 1) * item_size);
	*out = (struct any_list){ .v = n ? item : NULL, .n = n };
	json_object_object_foreach(json, key, value) {
		struct at member_at = { .up = at, .name = key };
		int rc = read_item(r, &member_at, field, value, item);

		if (rc < 0)
			return rc;
		*(char **)item = arena_strdup(r->arena, key);
		item += item_size;
	}
	return 0;
}

static int read_pair(struct reader *r, const struct at *at, const struct schema_field *field,
		     struct json_object *json, void *out)
{
	static const struct schema_field value = { .kind = SCHEMA_STRING };

	(void)field;
	return read_string(r, at, &value, json, &((struct oci_pair *)out)->value);
}

static int read_pairs(struct reader *r, const struct at *at, const struct schema_field *field,
		      struct json_object *json, void *out)
{
	return read_members(r, at, field, json, out, sizeof(struct oci_pair), read_pair);
}

static int read_map(struct reader *r, const struct at *at, const struct schema_field *field,
		    struct json_object *json, void *out)
{
	return read_members(r, at, field, json, out, field->sub->size, read_item_object);
}

static int read_named_list(struct reader *r, const struct at *at,
			   const struct schema_field *field, struct json_object *json, void *out)
{
	return json ? read_list(r, at, field, json, &((struct schema_named_list *)out)->items) : 0;
}

static int read_map_list(struct reader *r, const struct at *at, const struct schema_field *field,
			 struct json_object *json, void *out)
{
	return read_members(r, at, field, json, out, sizeof(struct schema_named_list),
			    read_named_list);
}

static int read_pointer(struct reader *r, const struct at *at, const struct schema_field *field,
			struct json_object *json, void *out)
{
	void *object = arena_alloc(r->arena, field->sub->size);
	int rc = read_object(r, at, field->sub, json, object);

	if (rc == 0)
		*(void **)out = object;
	return rc;
}

static read_fn *const readers[] = {
	[SCHEMA_STRING] = read_string,
	[SCHEMA_BOOL] = read_bool,
	[SCHEMA_I32] = read_i32,
	[SCHEMA_U32] = read_plain_unsigned,
	[SCHEMA_I64] = read_i64,
	[SCHEMA_U64] = read_plain_unsigned,
	[SCHEMA_ID] = read_plain_unsigned,
	[SCHEMA_OPT_BOOL] = read_bool,
	[SCHEMA_OPT_I64] = read_i64,
	[SCHEMA_OPT_U64] = read_opt_unsigned,
	[SCHEMA_OPT_U16] = read_opt_unsigned,
	[SCHEMA_OPT_U32] = read_opt_unsigned,
	[SCHEMA_OPT_ID] = read_opt_unsigned,
	[SCHEMA_STRINGS] = read_strings,
	[SCHEMA_IDS] = read_ids,
	[SCHEMA_PAIRS] = read_pairs,
	[SCHEMA_NAME] = read_name,
	[SCHEMA_OBJECT] = read_pointer,
	[SCHEMA_EMBEDDED] = read_item_object,
	[SCHEMA_LIST] = read_list,
	[SCHEMA_MAP] = read_map,
	[SCHEMA_MAP_LIST] = read_map_list,
};

static int read_object(struct reader *r, const struct at *at, const struct schema *schema,
		       struct json_object *json, void *out)
{
	if (json_object_get_type(json) != json_type_object)
		return refuse_type(r, at, "an object", json);
	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct schema_field *field = &schema->fields[i];
		struct at member_at = { .up = at, .name = field->name };
		struct json_object *value = NULL;
		int rc;

		json_object_object_get_ex(json, field->name, &value);
		if (!value) {
			if (field->flags & SCHEMA_REQUIRED)
				return refuse(r, &member_at, "is missing");
			continue;
		}
		rc = readers[field->kind](r, &member_at, field, value,
					  (char *)out + field->offset);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* ------------------------------------------------------------------------------ documents */

static size_t count_members(struct json_object *json)
{
	size_t n = 0;

	if (json_object_get_type(json) == json_type_object) {
		n = (size_t)json_object_object_length(json);
		json_object_object_foreach(json, key, value) {
			(void)key;
			n += count_members(value);
		}
	} else if (json_object_get_type(json) == json_type_array) {
		for (size_t i = 0; i < json_object_array_length(json); i++)
			n += count_members(json_object_array_get_idx(json, i));
	}
	return n;
}

static int parse_tree(const char *json, size_t len, struct json_object **ret, struct err *err)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_TEXT_MAX_DEPTH + 1);
	enum json_tokener_error status;
	struct json_object *tree;
	size_t end;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	tree = json_tokener_parse_ex(tokener, json, (int)len);
	if (!tree && json_tokener_get_error(tokener) == json_tokener_continue) {
		/* A number at the very end waits for what may follow; NUL says nothing does. */
		tree = json_tokener_parse_ex(tokener, "", 1);
		status = json_tokener_get_error(tokener);
		end = len;
	} else {
		status = json_tokener_get_error(tokener);
		end = json_tokener_get_parse_end(tokener);
	}
	json_tokener_free(tokener);
	if (status == json_tokener_continue || status == json_tokener_error_parse_eof)
		return json_text_refuse(json, len, len, "the document ends early", err);
	if (status != json_tokener_success)
		return json_text_refuse(json, len, end, json_tokener_error_desc(status), err);
	*ret = tree;
	return 0;
}

int schema_parse(const struct schema *schema, const char *json, size_t len, struct arena *arena,
		 void **ret_object, struct err *err)
{
	struct reader r = { .arena = arena, .err = err };
	struct json_object *tree = NULL;
	void *object;
	size_t members;
	int rc;

	rc = json_text_check(json, len, &members, err);
	if (rc == 0)
		rc = parse_tree(json, len, &tree, err);
	if (rc < 0)
		return rc;
	object = arena_alloc(arena, schema->size);
	if (count_members(tree) != members)
		rc = json_text_refuse_duplicate(json, len, err);
	else
		rc = read_object(&r, NULL, schema, tree, object);
	json_object_put(tree);
	if (rc == 0)
		*ret_object = object;
	return rc;
}
