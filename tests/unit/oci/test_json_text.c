/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/json_text.h"

#include "oci/schema.h"
#include "oci/spec.h"
#include "tap.h"

#include <stdlib.h>

static const char *check(const char *json, size_t len, size_t *ret_members)
{
	static struct err err;

	err = (struct err){};
	(void)json_text_check(json, len, ret_members, &err);
	return err.msg;
}

static bool members_are_counted_outside_of_strings(void)
{
	static const struct {
		const char *json;
		size_t n;
	} cases[] = {
		{ "", 0 }, { "{}", 0 }, { "{\"a\":1}", 1 }, { "{\"a:\":\":\"}", 1 },
		{ "[{\"a\":1},{\"b\":{\"c\":2}}]", 3 }, { "{\"\\\":\":1}", 1 },
		{ "{\"a\\\\\":1}", 1 }, { "\"", 0 }, { "\"\\", 0 }, { "\"\\\"", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = 99;

		if (!CHECK_STR(check(cases[i].json, strlen(cases[i].json), &n), "") ||
		    !CHECK(n == cases[i].n))
			return printf("# %s\n", cases[i].json), false;
	}
	return true;
}

static bool numbers_that_no_integer_holds_are_refused(void)
{
	static const char *const fit[] = { "18446744073709551615", "-9223372036854775808", "0",
					   "-0", "9.5", "1e300" };
	static const char *const over[] = { "18446744073709551616", "-9223372036854775809",
					    "99999999999999999999", "100000000000000000000000" };
	size_t n;

	for (size_t i = 0; i < sizeof(fit) / sizeof(fit[0]); i++)
		if (!CHECK_STR(check(fit[i], strlen(fit[i]), &n), ""))
			return false;
	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++)
		if (!CHECK_STR(check(over[i], strlen(over[i]), &n),
			       "(line 1): the number is out of range"))
			return false;
	return true;
}

static bool depth_is_limited_and_falls_again(void)
{
	auto_buf struct buf flat = {}, deep = {};
	size_t n;

	for (int i = 0; i < 1000; i++)
		buf_puts(&flat, "[{}],");
	for (int i = 0; i < JSON_TEXT_MAX_DEPTH; i++)
		buf_puts(&deep, "[");
	if (!CHECK_STR(check(flat.data, flat.len, &n), "") ||
	    !CHECK_STR(check(deep.data, deep.len, &n), ""))
		return false;
	buf_puts(&deep, "[");
	return CHECK(strstr(check(deep.data, deep.len, &n), "nested too deeply"));
}

static bool size_is_limited(void)
{
	size_t len = JSON_TEXT_MAX_BYTES + 1, n;
	auto_free char *json = malloc(len);

	memset(json, ' ', len);
	return CHECK_STR(check(json, len - 1, &n), "") &&
	       CHECK_STR(check(json, len, &n), "the document is larger than 4194304 bytes");
}

static bool no_nul_passes(void)
{
	size_t n;

	return CHECK_STR(check("{\"a\":\"\0\"}", 9, &n), "a (line 1): a NUL byte") &&
	       CHECK_STR(check("{}\0", 3, &n), "(line 1): a NUL byte") &&
	       CHECK_STR(check("{\"a\\u0000\":1}", 13, &n), "(line 1): a NUL in a string") &&
	       CHECK_STR(check("{\"a\":\"\\\\u0000\"}", 15, &n), "") &&
	       CHECK_STR(check("\"\\u0000", 7, &n), "(line 1): a NUL in a string");
}

static bool refused_at(const char *json, const char *at, const char *words)
{
	struct err err = {};
	size_t offset = (size_t)(strstr(json, at) - json);

	return CHECK(json_text_refuse(json, strlen(json), offset, "odd", &err) == -EINVAL) &&
	       CHECK(err.kind == ERR_USAGE) && CHECK_STR(err.msg, words);
}

static bool a_place_is_named_by_path_and_line(void)
{
	static const char json[] = "{\"a\":{\"b\":[0,\n[1,2,@]],\n\"c\":#},\"d]\":$}";

	return refused_at(json, "@", "a.b[1][2] (line 2): odd") &&
	       refused_at(json, "#", "a.c (line 3): odd") &&
	       refused_at(json, "$", "d] (line 3): odd") &&
	       refused_at(json, "{", "(line 1): odd") &&
	       refused_at("x", "x", "(line 1): odd");
}

static bool a_long_key_is_cut_in_the_path(void)
{
	char json[400] = "{\"", words[200];
	struct err err = {};

	memset(json + 2, 'k', 300);
	strcpy(json + 302, "\":");
	(void)json_text_refuse(json, strlen(json), strlen(json), "odd", &err);
	memset(words, 'k', 64);
	strcpy(words + 64, " (line 1): odd");
	return CHECK_STR(err.msg, words);
}

static bool the_first_duplicate_is_named(void)
{
	static const struct {
		const char *json, *words;
	} cases[] = {
		{ "{\"a\":1,\n\"a\":2}", "a (line 2): given twice" },
		{ "{\"a\":{\"x\":1},\"b\":{\"x\":1,\"x\":2}}", "b.x (line 1): given twice" },
		{ "[{\"a\":1},{\"a\":1,\"a\":1}]", "[1].a (line 1): given twice" },
		{ "{\"a\":1,\"\\u0061\":2}", "a member is given twice" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {};

		if (!CHECK(json_text_refuse_duplicate(cases[i].json, strlen(cases[i].json), &err) ==
			   -EINVAL) ||
		    !CHECK(strstr(err.msg, cases[i].words)))
			return printf("# %s\n", err.msg), false;
	}
	return true;
}

/* What a reader that keeps the last of two, or the first, would take for something else. */
static bool a_duplicate_is_refused_however_it_is_written(void)
{
	static const char *const twice[] = {
		"{\"ociVersion\":\"1.0.0\",\"ociVersion\":\"1.0.0\"}",
		"{\"ociVersion\":\"1.0.0\",\"oci\\u0056ersion\":\"1.0.0\"}",
		"{\"x\":[{\"y\":{\"z\":1,\"z\":1}}]}",
		"{\"\":1,\"\":2}",
	};

	for (size_t i = 0; i < sizeof(twice) / sizeof(twice[0]); i++) {
		auto_arena struct arena arena = {};
		struct oci_spec *spec;
		struct err err = {};

		if (!CHECK(oci_spec_parse(twice[i], strlen(twice[i]), &arena, &spec, &err) < 0) ||
		    !CHECK(strstr(err.msg, "given twice")))
			return printf("# %s\n", err.msg), false;
	}
	return true;
}

static bool quoting_is_read_back(void)
{
	static const struct {
		const char *plain, *quoted;
	} cases[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "\"\\/", "\"\\\"\\\\/\"" },
		{ "a\nb\tc", "\"a\\nb\\tc\"" },
		{ "\x01\x1f\r", "\"\\u0001\\u001f\\u000d\"" },
		{ "\x7f\xc3\xa9", "\"\x7f\xc3\xa9\"" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_buf struct buf out = {};

		json_text_quote(&out, cases[i].plain);
		if (!CHECK_STR(buf_str(&out), cases[i].quoted))
			return false;
	}
	return true;
}

int main(void)
{
	TEST(members_are_counted_outside_of_strings);
	TEST(numbers_that_no_integer_holds_are_refused);
	TEST(depth_is_limited_and_falls_again);
	TEST(size_is_limited);
	TEST(no_nul_passes);
	TEST(a_place_is_named_by_path_and_line);
	TEST(a_long_key_is_cut_in_the_path);
	TEST(the_first_duplicate_is_named);
	TEST(a_duplicate_is_refused_however_it_is_written);
	TEST(quoting_is_read_back);
	return tap_done();
}
