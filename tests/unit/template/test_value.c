/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/list.h"
#include "tap.h"
#include "template/print.h"
#include "template/value.h"

/* As JSON again, and as %v. */
static bool reads(const char *json, const char *want, const char *printed)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {}, text = {};
	struct value *root = NULL;
	struct err err = {};

	if (!CHECK(value_parse(json, strlen(json), "M|L", &arena, &root, &err) == 0))
		return false;
	value_format(root, &arena, &out);
	print_value(root, &arena, &text);
	return CHECK_STR(buf_str(&out), want) && CHECK_STR(buf_str(&text), printed);
}

static bool json_becomes_a_tree(void)
{
	return reads("{\"b\": [1, 2.5, true, null, \"x\\n\"], \"a\": {}}",
		     "{\"b\":[1,2.5,true,null,\"x\\n\"],\"a\":{}}",
			"{[1 2.5 true <nil> x\n] {}}") &&
	       reads("{\"M\": {\"z\": 1, \"a\": 2, \"m\": 3}, \"L\": null}",
		     "{\"M\":{\"a\":2,\"m\":3,\"z\":1},\"L\":null}",
		     "{map[a:2 m:3 z:1] map[]}") &&
	       reads("7", "7", "7") && reads("[]", "[]", "[]");
}

static bool refuses(const char *json)
{
	auto_arena struct arena arena = {};
	struct value *root = NULL;
	struct err err = {};

	return CHECK(value_parse(json, strlen(json), NULL, &arena, &root, &err) == -EINVAL) &&
	       CHECK(err.kind == ERR_USAGE);
}

static bool what_is_no_json_is_refused(void)
{
	return refuses("") && refuses("{") && refuses("[1,]") && refuses("{} x") &&
	       refuses("\"\\u0000\"");
}

struct thing {
	char *name, *none;
	int64_t n;
	bool yes;
	struct oci_i64 set, unset;
	struct oci_strings list, no_list;
	struct oci_pairs pairs, no_pairs;
	struct thing *nobody;
};

#define FIELD(member, json, what, more) \
	{ json, SCHEMA_##what, .flags = (more), \
	  .offset = offsetof(struct thing, member) }

static const struct schema_field fields[] = {
	FIELD(name, "Name", STRING, SCHEMA_REQUIRED),
	FIELD(none, "None", STRING, SCHEMA_REQUIRED),
	FIELD(n, "N", I64, SCHEMA_REQUIRED),
	FIELD(yes, "Yes", BOOL, SCHEMA_REQUIRED),
	FIELD(set, "Set", OPT_I64, SCHEMA_NULL),
	FIELD(unset, "Unset", OPT_I64, SCHEMA_NULL),
	FIELD(list, "List", STRINGS, SCHEMA_REQUIRED),
	FIELD(no_list, "NoList", STRINGS, SCHEMA_NULL),
	FIELD(pairs, "Pairs", PAIRS, SCHEMA_REQUIRED),
	FIELD(no_pairs, "NoPairs", PAIRS, SCHEMA_NULL),
	FIELD(nobody, "Nobody", OBJECT, SCHEMA_NULL), /* has no schema of its own here */
	FIELD(none, "Hidden", STRING, 0),
	FIELD(no_list, "HiddenList", STRINGS, 0),
};
static const struct schema schema = SCHEMA(struct thing, fields);

static struct thing make_thing(struct arena *arena)
{
	struct thing thing = { .name = arena_strdup(arena, "it"), .n = -5, .yes = true,
			       .set = { true, 9 } };

	strings_add(&thing.list, arena, arena_strdup(arena, "a"));
	strings_add(&thing.list, arena, arena_strdup(arena, "b"));
	*list_add(&thing.pairs, arena) =
		(struct oci_pair){ arena_strdup(arena, "z"), arena_strdup(arena, "1") };
	*list_add(&thing.pairs, arena) =
		(struct oci_pair){ arena_strdup(arena, "k"), arena_strdup(arena, "2") };
	return thing;
}

static bool a_struct_becomes_what_its_schema_writes(void)
{
	auto_arena struct arena arena = {};
	struct thing thing = make_thing(&arena);
	auto_buf struct buf by_schema = {}, out = {}, text = {};
	const struct value *value = value_from(&schema, &thing, &arena);

	schema_format(&schema, &thing, &by_schema);
	value_format(value, &arena, &out);
	print_value(value, &arena, &text);
	return CHECK_STR(buf_str(&by_schema),
			 "{\"Name\":\"it\",\"None\":\"\",\"N\":-5,\"Yes\":true,\"Set\":9,"
			 "\"Unset\":null,\"List\":[\"a\",\"b\"],\"NoList\":null,"
			 "\"Pairs\":{\"z\":\"1\",\"k\":\"2\"},\"NoPairs\":null,\"Nobody\":null}") &&
	       CHECK_STR(buf_str(&out),
			 "{\"Name\":\"it\",\"None\":\"\",\"N\":-5,\"Yes\":true,\"Set\":9,"
			 "\"Unset\":null,\"List\":[\"a\",\"b\"],\"NoList\":null,"
			 "\"Pairs\":{\"k\":\"2\",\"z\":\"1\"},\"NoPairs\":null,\"Nobody\":null}") &&
	       CHECK_STR(buf_str(&text),
			 "{it  -5 true 9 <nil> [a b] [] map[k:2 z:1] map[] <nil>}");
}

struct place {
	char *ip, *port;
};

static const struct schema_field place_fields[] = {
	{ "Ip", SCHEMA_STRING, .flags = SCHEMA_REQUIRED, .offset = offsetof(struct place, ip) },
	{ "Port", SCHEMA_STRING, .flags = SCHEMA_REQUIRED, .offset = offsetof(struct place, port) },
};
static const struct schema place_schema = SCHEMA(struct place, place_fields);

struct places {
	OCI_LIST(struct schema_named_list) all, none;
};

static const struct schema_field places_fields[] = {
	{ "All", SCHEMA_MAP_LIST, .flags = SCHEMA_REQUIRED,
	  .offset = offsetof(struct places, all), .sub = &place_schema },
	{ "None", SCHEMA_MAP_LIST, .flags = SCHEMA_REQUIRED,
	  .offset = offsetof(struct places, none), .sub = &place_schema },
};
static const struct schema places_schema = SCHEMA(struct places, places_fields);

static bool arrays_with_free_names_are_read_and_written(void)
{
	static const char bad[] = "{\"All\":{\"x\":[1]},\"None\":{}}";
	static const char text[] = "{\"All\":{\"80/tcp\":[{\"Ip\":\"::\",\"Port\":\"1\"},"
				   "{\"Ip\":\"\",\"Port\":\"2\"}],\"9/udp\":null},\"None\":{}}";
	auto_arena struct arena arena = {};
	auto_buf struct buf by_schema = {}, out = {};
	struct places *places = NULL;
	struct err err = {};

	if (!CHECK(schema_parse(&places_schema, text, strlen(text), &arena, (void **)&places,
				&err) == 0) ||
	    !CHECK(places->all.n == 2 && places->all.v[0].items.n == 2 && !places->none.n))
		return false;
	schema_format(&places_schema, places, &by_schema);
	value_format(value_from(&places_schema, places, &arena), &arena, &out);
	return CHECK_STR(buf_str(&by_schema), text) && CHECK_STR(buf_str(&out), text) &&
	       CHECK(schema_parse(&places_schema, bad, strlen(bad), &arena, (void **)&places,
				  &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "All.x[0]: must be an object, not a number");
}

static bool what_a_schema_leaves_out_is_found_by_its_name(void)
{
	auto_arena struct arena arena = {};
	struct thing thing = make_thing(&arena);
	auto_buf struct buf out = {};
	const struct value *value = value_from(&schema, &thing, &arena);

	value_format(value_find(value, "HiddenList", &arena), &arena, &out);
	return CHECK_STR(value_find(value, "Hidden", &arena)->string, "") &&
	       CHECK_STR(buf_str(&out), "null");
}

/* ------------------------------------------------------------------------------- made late */

static size_t made;

static const char *source_name(const struct value_source *source, size_t i)
{
	static const char *const names[] = { "A", "B", "C" };

	(void)source;
	return names[i];
}

static const struct value *source_make(const struct value_source *source, size_t i,
				       struct arena *arena)
{
	(void)source;
	made++;
	return value_int(arena, (int64_t)i);
}

static bool a_member_is_made_when_it_is_asked_for(void)
{
	static const struct value_source source = { 3, source_name, source_make };
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {};
	struct value *record = value_new(&arena, VALUE_RECORD);

	record->source = &source;
	made = 0;
	if (!CHECK(value_find(record, "B", &arena)->integer == 1) || !CHECK(made == 1) ||
	    !CHECK(!value_find(record, "D", &arena)) || !CHECK(made == 1))
		return false;
	value_format(record, &arena, &out);
	return CHECK_STR(buf_str(&out), "{\"A\":0,\"B\":1,\"C\":2}") && CHECK(made == 4);
}

int main(void)
{
	TEST(json_becomes_a_tree);
	TEST(what_is_no_json_is_refused);
	TEST(a_struct_becomes_what_its_schema_writes);
	TEST(arrays_with_free_names_are_read_and_written);
	TEST(what_a_schema_leaves_out_is_found_by_its_name);
	TEST(a_member_is_made_when_it_is_asked_for);
	return tap_done();
}
