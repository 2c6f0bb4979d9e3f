/* SPDX-License-Identifier: Apache-2.0 */
#include "systemd/gvariant.h"

#include "tap.h"

/* `text` is read as a value of type `signature`, which written again is `want`. */
static bool reads(const char *text, const char *signature, const char *want)
{
	char got[GVARIANT_SIGNATURE_MAX] = "";
	auto_arena struct arena arena = {};
	auto_buf struct buf again = {};
	struct gvariant *value;
	struct err err = {};

	if (!CHECK(gvariant_parse(text, &arena, &value, &err) == 0)) {
		printf("# it was %s\n", text);
		return false;
	}
	gvariant_format(value, &again);
	return CHECK(gvariant_signature(value, got) == 0) && CHECK_STR(got, signature) &&
	       CHECK_STR(buf_str(&again), want);
}

static bool scalars_have_the_type_that_is_said(void)
{
	return reads("true", "b", "true") && reads("boolean false", "b", "false") &&
	       reads("5", "i", "5") && reads("-5", "i", "-5") &&
	       reads("int64 -5", "x", "int64 -5") &&
	       reads("uint64 18446744073709551615", "t", "uint64 18446744073709551615") &&
	       reads("byte 255", "y", "byte 255") && reads("1.5", "d", "1.5") &&
	       reads("double 2", "d", "2") && reads("@t 7", "t", "uint64 7") &&
	       reads("  uint32   7 ", "u", "uint32 7");
}

static bool strings_have_quotes_and_escapes(void)
{
	return reads("'inactive-or-failed'", "s", "'inactive-or-failed'") &&
	       reads("\"it's\"", "s", "'it\\'s'") && reads("'a\\'b\\\\'", "s", "'a\\'b\\\\'") &&
	       reads("''", "s", "''") && reads("objectpath '/a'", "o", "objectpath '/a'");
}

static bool containers_hold_one_type_or_several(void)
{
	return reads("['a', 'b']", "as", "['a', 'b']") &&
	       reads("@as []", "as", "@as []") &&
	       reads("@at [1, 2]", "at", "[uint64 1, uint64 2]") &&
	       reads("[uint64 1,uint64 2]", "at", "[uint64 1, uint64 2]") &&
	       reads("('a', uint64 5)", "(st)", "('a', uint64 5)") &&
	       reads("[('CPU', uint64 1), ('IO', uint64 2)]", "a(st)",
		     "[('CPU', uint64 1), ('IO', uint64 2)]") &&
	       reads("@a(st) [('CPU', 1)]", "a(st)", "[('CPU', uint64 1)]") &&
	       reads("@aas [[], ['a']]", "aas", "[@as [], ['a']]") && reads("(1,)", "(i)", "(1)");
}

static bool what_is_no_value_is_refused(void)
{
	static const char *const bad[] = {
		"", " ", "hello", "'", "'a", "'a\\", "5x", "5 5", "uint64", "uint64 -1", "byte 256",
		"int16 32768", "2147483648", "uint64 18446744073709551616", "uint64 'a'",
		"string 5", "[", "[]", "['a'", "['a',", "['a' 'b']", "['a', 5]", "(", "()", "('a'",
		"@", "@as", "@zz 5", "@as ['a', 5]", "@(st) ('a')", "@(s) ('a', 'b')", "@a 5",
		"@( 5", "true false", "1.5.5", "uint64 1.5", "--1", "@as 'a'", "@s ['a']",
		"[[[[[[[[[[[[1]]]]]]]]]]]]", "@aaaaaaaaaaaaai []",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		auto_arena struct arena arena = {};
		struct gvariant *value;
		struct err err = {};

		if (!CHECK(gvariant_parse(bad[i], &arena, &value, &err) == -EINVAL)) {
			printf("# it was %s\n", bad[i]);
			return false;
		}
	}
	return true;
}

int main(void)
{
	TEST(scalars_have_the_type_that_is_said);
	TEST(strings_have_quotes_and_escapes);
	TEST(containers_hold_one_type_or_several);
	TEST(what_is_no_value_is_refused);
	return tap_done();
}
