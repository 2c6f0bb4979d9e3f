/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values from JSON. json-c reads the text; whatever it would let pass is found by oci/json_text
 * first.
 */
#include "template/value.h"

#include "oci/json_text.h"

#include <json-c/json.h>
#include <string.h>

struct reader {
	const char *maps;
	struct arena *arena;
};

static bool is_among(const char *words, const char *name)
{
	size_t len = strlen(name);

	for (const char *word = words; word; word = strchr(word, '|')) {
		word += *word == '|';
		if (strncmp(word, name, len) == 0 && (word[len] == '|' || word[len] == '\0'))
			return true;
	}
	return false;
}

static struct value *read_value(const struct reader *r, struct json_object *json, bool is_map);

static struct value *read_object(const struct reader *r, struct json_object *json, bool is_map)
{
	struct value *object = value_new(r->arena, is_map ? VALUE_MAP : VALUE_RECORD);

	object->of_strings = is_map;
	json_object_object_foreach(json, key, member)
	{
		struct value *child =
			read_value(r, member, !is_map && is_among(r->maps, key));

		object->of_strings &= child->kind == VALUE_STRING;
		value_add(object, arena_strdup(r->arena, key), child);
	}
	if (is_map)
		value_sort(object);
	return object;
}

static struct value *read_array(const struct reader *r, struct json_object *json)
{
	struct value *list = value_new(r->arena, VALUE_LIST);

	for (size_t i = 0; i < json_object_array_length(json); i++)
		value_add(list, NULL, read_value(r, json_object_array_get_idx(json, i), false));
	return list;
}

static struct value *read_value(const struct reader *r, struct json_object *json, bool is_map)
{
	struct value *map;

	switch (json_object_get_type(json)) {
	case json_type_boolean:
		return value_copy(r->arena, json_object_get_boolean(json) ? &value_true
									  : &value_false);
	case json_type_int:
		return value_int(r->arena, json_object_get_int64(json));
	case json_type_double:
		return value_float(r->arena, json_object_get_double(json));
	case json_type_string:
		return value_string(r->arena,
				    arena_strndup(r->arena, json_object_get_string(json),
						  (size_t)json_object_get_string_len(json)));
	case json_type_array:
		return read_array(r, json);
	case json_type_object:
		return read_object(r, json, is_map);
	default:
		map = value_new(r->arena, is_map ? VALUE_MAP : VALUE_NIL);
		map->is_null = is_map;
		return map;
	}
}

static void putp(struct json_object **json)
{
	json_object_put(*json);
}

static void freep_tokener(struct json_tokener **tokener)
{
	json_tokener_free(*tokener);
}

int value_parse(const char *json, size_t len, const char *maps, struct arena *arena,
		struct value **ret, struct err *err)
{
	const struct reader reader = { maps, arena };
	auto_cleanup(putp) struct json_object *root = NULL;
	auto_cleanup(freep_tokener) struct json_tokener *tokener =
		json_tokener_new_ex(JSON_TEXT_MAX_DEPTH + 1);
	size_t members;
	int r = json_text_check(json, len, &members, err);

	if (r < 0)
		return r;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	root = json_tokener_parse_ex(tokener, json, (int)len);
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		root = json_tokener_parse_ex(tokener, "", 1);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		return json_text_refuse(json, len, json_tokener_get_parse_end(tokener),
					"this is no JSON", err);
	*ret = read_value(&reader, root, false);
	return 0;
}
