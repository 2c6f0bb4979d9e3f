/* SPDX-License-Identifier: Apache-2.0 */
#include "base/toml.h"

#include "tap.h"

static const struct toml *parse(struct arena *arena, const char *text)
{
	struct toml *root = NULL;
	struct err err = {};

	if (toml_parse(text, strlen(text), arena, &root, &err) < 0)
		printf("# %s\n", err.msg);
	return root;
}

static const char *string_of(const struct toml *table, const char *key)
{
	const char *text = NULL;
	struct err err = {};

	(void)toml_read_string(table, key, &text, &err);
	return text ? text : "(none)";
}

static bool all_kinds_of_values_are_read(void)
{
	auto_arena struct arena arena = {};
	const struct toml *t = parse(&arena, "text = \"a\" # a comment\n"
					     "number=-1_000\n"
					     "mask = 0xff\n"
					     "yes = true\n"
					     "list = [\n 1, # one\n 2,\n]\n"
					     "point = { x = 1, y.z = 'deep' }\n");
	const struct toml *items = NULL;
	struct err err = {};

	return CHECK(t) && CHECK_STR(string_of(t, "text"), "a") &&
	       CHECK(toml_find(t, "number")->integer == -1000) &&
	       CHECK(toml_find(t, "mask")->integer == 255) && CHECK(toml_find(t, "yes")->boolean) &&
	       CHECK(toml_read_array(t, "list", TOML_INTEGER, &items, &err) == 0) &&
	       CHECK(items->integer == 1 && items->next->integer == 2 && !items->next->next) &&
	       CHECK_STR(string_of(toml_find(toml_find(t, "point"), "y"), "z"), "deep") &&
	       CHECK(!toml_find(t, "absent"));
}

static bool strings_have_four_forms(void)
{
	auto_arena struct arena arena = {};
	const struct toml *t = parse(&arena, "a = \"tab\\t quote\\\" \\u00e9 \\U0001F600\"\n"
					     "b = 'c:\\no\\escape'\n"
					     "c = \"\"\"\nfirst\nsecond \\\n   \n  third\"\"\"\n"
					     "d = '''\nraw \\ 'quoted'''''\n"
					     "e = \"\"\n"
					     "\"f g\".'h' = \"quoted keys\"\r\n");

	return CHECK(t) &&
	       CHECK_STR(string_of(t, "a"), "tab\t quote\" \xc3\xa9 \xf0\x9f\x98\x80") &&
	       CHECK_STR(string_of(t, "b"), "c:\\no\\escape") &&
	       CHECK_STR(string_of(t, "c"), "first\nsecond third") &&
	       CHECK_STR(string_of(t, "d"), "raw \\ 'quoted''") &&
	       CHECK_STR(string_of(t, "e"), "") &&
	       CHECK_STR(string_of(toml_find(t, "f g"), "h"), "quoted keys");
}

static bool headers_make_tables_and_arrays_of_them(void)
{
	auto_arena struct arena arena = {};
	const struct toml *t = parse(&arena, "top = 1\n"
					     "[[registry]]\nlocation = 'a'\n"
					     "[[registry.mirror]]\nlocation = 'm1'\n"
					     "[[registry.mirror]]\nlocation = 'm2'\n"
					     "[[registry]]\nlocation = 'b'\n"
					     "[x.y.z]\nk = 'v'\n"
					     "[x]\nk = 'above'\n"
					     "[fruit]\napple.color = 'red'\n"
					     "[fruit.apple.texture]\nsmooth = true\n");
	const struct toml *first, *mirror;

	if (!CHECK(t))
		return false;
	first = toml_find(t, "registry")->first;
	mirror = toml_find(first, "mirror")->first;
	return CHECK_STR(string_of(mirror, "location"), "m1") &&
	       CHECK_STR(string_of(mirror->next, "location"), "m2") &&
	       CHECK_STR(string_of(first->next, "location"), "b") &&
	       CHECK(!toml_find(first->next, "mirror")) && CHECK(first->next->line == 8) &&
	       CHECK_STR(string_of(toml_find(t, "x"), "k"), "above") &&
	       CHECK_STR(string_of(toml_find(toml_find(toml_find(t, "x"), "y"), "z"), "k"), "v");
}

static bool what_is_wrong_is_refused_with_its_line(void)
{
	static const struct { const char *text, *message; } bad[] = {
		{ "a = 1\na = 2\n", "line 2: 'a' is defined already, in line 1" },
		{ "[a]\n[b]\n[a]\n", "line 3: 'a' is defined already, in line 1" },
		{ "a = { b = 1 }\n[a.c]\n", "line 2: 'a' is defined already, in line 1" },
		{ "a = { b = 1 }\na.c = 2\n", "line 2: 'a' is defined already, in line 1" },
		{ "a = [1]\n[[a]]\n", "line 2: 'a' is defined already, in line 1" },
		{ "[[a]]\n[a]\n", "line 2: 'a' is defined already, in line 1" },
		{ "[a]\nb.c = 1\n[a.b]\n", "line 3: 'b' is defined already, in line 2" },
		{ "[a.b.c]\nz = 9\n[a]\nb.c.t = 1\n", "line 4: 'b' is defined already, in line 1" },
		{ "\n\na\n", "line 3: '=' must follow the key 'a'" },
		{ "= 1\n", "line 1: a key must stand here" },
		{ "[a\n", "line 1: the header 'a' has no end" },
		{ "[[a]\n", "line 1: the header 'a' has no end" },
		{ "a = 1 b = 2\n", "line 1: nothing may follow on the same line" },
		{ "a = \"x\n\"\n", "line 1: a string has no end" },
		{ "a = '''\nx\n", "line 3: a string has no end" },
		{ "a = \"\\x\"\n", "line 1: an unknown escape in a string" },
		{ "a = \"\\ud800\"\n", "line 1: 'd800' is no character" },
		{ "a = \"\\u0000\"\n", "line 1: '0000' is no character" },
		{ "a = [1 2]\n", "line 1: ',' or ']' must follow in an array" },
		{ "a = [\n1,\n", "line 3: '' is no value: a string, a whole number, true, false, "
				 "an array or a table may follow" },
		{ "a = { b = 1, }\n", "line 1: a key must follow the ','" },
		{ "a = { b = 1\n }\n", "line 1: ',' or '}' must follow in a table" },
		{ "a\xff = 1\n", "line 1: this is no UTF-8" },
		{ "\na = '\x01'\n", "line 2: a control character, 0x01" },
		{ "a = 1\rb = 2\n", "line 1: a control character, 0x0d" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		auto_arena struct arena arena = {};
		struct toml *root = NULL;
		struct err err = {};

		if (!CHECK(toml_parse(bad[i].text, strlen(bad[i].text), &arena, &root, &err) ==
			   -EINVAL) ||
		    !CHECK_STR(err.msg, bad[i].message) || !CHECK(err.kind == ERR_USAGE))
			return false;
	}
	return true;
}

static bool numbers_are_read_strictly(void)
{
	static const char *const bad[] = {
		"01", "1__0", "_1", "1_", "+0x1", "0x", "--1", "1.5", "1e3",
		"9223372036854775808", "True", "inf", "2020-01-01", "",
	};
	auto_arena struct arena arena = {};
	const struct toml *t = parse(&arena, "a = 9223372036854775807\nb = -9223372036854775808\n"
					     "c = +0\nd = 0b1_01\ne = 0o17\n");

	if (!CHECK(t) || !CHECK(toml_find(t, "a")->integer == INT64_MAX) ||
	    !CHECK(toml_find(t, "b")->integer == INT64_MIN) ||
	    !CHECK(toml_find(t, "c")->integer == 0) || !CHECK(toml_find(t, "d")->integer == 5) ||
	    !CHECK(toml_find(t, "e")->integer == 15))
		return false;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *text = arena_printf(&arena, "a = %s\n", bad[i]);
		struct toml *root = NULL;
		struct err err = {};

		if (!CHECK(toml_parse(text, strlen(text), &arena, &root, &err) == -EINVAL))
			return false;
	}
	return true;
}

static bool depth_and_size_are_bounded(void)
{
	auto_arena struct arena arena = {};
	auto_free char *text = malloc(TOML_MAX_BYTES + 2);
	struct toml *root = NULL;
	struct err err = {};

	memset(text, '[', 100000);
	memcpy(text, "a=", 2);
	if (!CHECK(toml_parse(text, 100000, &arena, &root, &err) == -EINVAL) ||
	    !CHECK_STR(err.msg, "line 1: more than 32 levels"))
		return false;
	memset(text, 'a', 100000);
	for (size_t i = 1; i < 100000; i += 2)
		text[i] = '.';
	if (!CHECK(toml_parse(text, 100000, &arena, &root, &err) == -EINVAL) ||
	    !CHECK_STR(err.msg, "line 1: more than 32 levels"))
		return false;
	memset(text, '\n', TOML_MAX_BYTES + 1);
	return CHECK(toml_parse(text, TOML_MAX_BYTES, &arena, &root, &err) == 0) &&
	       CHECK(toml_parse(text, TOML_MAX_BYTES + 1, &arena, &root, &err) == -EINVAL) &&
	       CHECK(toml_parse("a\0b", 3, &arena, &root, &err) == -EINVAL);
}

static bool another_kind_is_refused_by_who_asks(void)
{
	auto_arena struct arena arena = {};
	const struct toml *t = parse(&arena, "\na = 1\nb = ['x', true]\n"), *items = NULL;
	const char *text = NULL;
	bool yes = false;
	struct err err = {};

	return CHECK(t) && CHECK(toml_read_string(t, "a", &text, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "line 2: 'a' must be a string, not a whole number") &&
	       CHECK(toml_read_boolean(t, "b", &yes, &err) == -EINVAL) &&
	       CHECK(toml_read_array(t, "b", TOML_STRING, &items, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "line 3: an item of 'b' must be a string, not true or false") &&
	       CHECK(toml_read_string(t, "none", &text, &err) == 0 && !text);
}

int main(void)
{
	TEST(all_kinds_of_values_are_read);
	TEST(strings_have_four_forms);
	TEST(headers_make_tables_and_arrays_of_them);
	TEST(what_is_wrong_is_refused_with_its_line);
	TEST(numbers_are_read_strictly);
	TEST(depth_and_size_are_bounded);
	TEST(another_kind_is_refused_by_who_asks);
	return tap_done();
}
