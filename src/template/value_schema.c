/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values from C structs, by the tables that these are written as JSON by (oci/schema_write.c): no
 * text is made in between, and the table knows what is a record and what a map.
 */
#include "template/value.h"

#include "oci/types.h"

/* All lists have this shape, whatever their items are. */
struct any_list {
	const char *v;
	size_t n;
};

static struct value *make_string(struct arena *arena, const char *string)
{
	return value_string(arena, string ? string : "");
}

static struct value *make_list(const struct schema_field *field, const struct any_list *list,
			       struct arena *arena)
{
	struct value *value = value_new(arena, VALUE_LIST);

	value->is_null = list->n == 0 && !(field->flags & SCHEMA_REQUIRED);
	for (size_t i = 0; i < list->n; i++) {
		struct value *item;

		if (field->kind == SCHEMA_STRINGS)
			item = make_string(arena, ((char *const *)list->v)[i]);
		else if (field->kind == SCHEMA_IDS)
			item = value_int(arena, ((const uint32_t *)list->v)[i]);
		else
			item = value_from(field->sub, list->v + i * field->sub->size, arena);
		value_add(value, NULL, item);
	}
	return value;
}

static struct value *make_map(const struct schema_field *field, const struct any_list *list,
			      struct arena *arena)
{
	size_t size = field->sub ? field->sub->size : sizeof(struct oci_pair);
	struct value *value = value_new(arena, VALUE_MAP);

	value->is_null = list->n == 0 && !(field->flags & SCHEMA_REQUIRED);
	value->of_strings = !field->sub;
	for (size_t i = 0; i < list->n; i++) {
		const char *item = list->v + i * size;
		const char *key = *(char *const *)item;

		if (field->sub)
			value_add(value, key, value_from(field->sub, item, arena));
		else
			value_add(value, key,
				  make_string(arena, ((const struct oci_pair *)item)->value));
	}
	value_sort(value);
	return value;
}

static struct value *make_map_list(const struct schema_field *field, const struct any_list *list,
				   struct arena *arena)
{
	/* An empty one is null, whether the map must be there or not. */
	const struct schema_field items = { .kind = SCHEMA_LIST, .sub = field->sub };
	const struct schema_named_list *lists = (const void *)list->v;
	struct value *value = value_new(arena, VALUE_MAP);

	value->is_null = list->n == 0 && !(field->flags & SCHEMA_REQUIRED);
	for (size_t i = 0; i < list->n; i++)
		value_add(value, lists[i].key,
			  make_list(&items, (const struct any_list *)&lists[i].items, arena));
	value_sort(value);
	return value;
}

static struct value *make_bool(struct arena *arena, bool is_true)
{
	return value_copy(arena, is_true ? &value_true : &value_false);
}

static struct value *make_optional_bool(const struct oci_bool *member, struct arena *arena)
{
	return member->is_set ? make_bool(arena, member->value) : value_new(arena, VALUE_NIL);
}

static struct value *make_optional(const struct oci_i64 *member, struct arena *arena)
{
	return member->is_set ? value_int(arena, member->value) : value_new(arena, VALUE_NIL);
}

static struct value *make_value(const struct schema_field *field, const void *member,
				struct arena *arena)
{
	switch (field->kind) {
	case SCHEMA_STRING:
		return make_string(arena, *(char *const *)member);
	case SCHEMA_BOOL:
		return make_bool(arena, *(const bool *)member);
	case SCHEMA_OPT_BOOL:
		return make_optional_bool(member, arena);
	case SCHEMA_I32:
		return value_int(arena, *(const int32_t *)member);
	case SCHEMA_U32:
	case SCHEMA_ID:
		return value_int(arena, *(const uint32_t *)member);
	case SCHEMA_I64:
	case SCHEMA_U64:
		return value_int(arena, *(const int64_t *)member);
	case SCHEMA_NAME:
		return make_string(arena, field->index_name(*(const int *)member));
	case SCHEMA_OBJECT:
		if (!*(void *const *)member)
			return value_new(arena, VALUE_NIL);
		return value_from(field->sub, *(void *const *)member, arena);
	case SCHEMA_EMBEDDED:
		return value_from(field->sub, member, arena);
	case SCHEMA_STRINGS:
	case SCHEMA_IDS:
	case SCHEMA_LIST:
		return make_list(field, member, arena);
	case SCHEMA_PAIRS:
	case SCHEMA_MAP:
		return make_map(field, member, arena);
	case SCHEMA_MAP_LIST:
		return make_map_list(field, member, arena);
	default:
		return make_optional(member, arena);
	}
}

struct value *value_from(const struct schema *schema, const void *object, struct arena *arena)
{
	struct value *record = value_new(arena, VALUE_RECORD);

	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct schema_field *field = &schema->fields[i];

		const char *member = (const char *)object + field->offset;
		struct value *value = make_value(field, member, arena);

		value->is_hidden = !(field->flags & (SCHEMA_REQUIRED | SCHEMA_NULL)) &&
				   schema_is_absent(field, member);
		value_add(record, field->name, value);
	}
	return record;
}
