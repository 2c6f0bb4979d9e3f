/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each row: a format and a JSON array of what it is given, and what Go's fmt.Sprintf makes of them.
 */
#include "tap.h"
#include "template/print.h"

struct row {
	const char *format, *values, *want;
};

static bool prints(const struct row *row)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {};
	const struct value *values[8];
	struct value *list;
	struct err err = {};
	size_t n = 0;

	if (!CHECK(value_parse(row->values, strlen(row->values), NULL, &arena, &list, &err) == 0))
		return false;
	for (const struct value *item = list->first; item; item = item->next)
		values[n++] = item;
	print_format(row->format, values, n, &arena, &out);
	return CHECK_STR(buf_str(&out), row->want);
}

static bool all_print(const struct row *rows, size_t n)
{
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		ok &= prints(&rows[i]);
	return ok;
}

#define PRINT(...)                                                 \
	({                                                         \
		static const struct row rows_[] = { __VA_ARGS__ }; \
		all_print(rows_, sizeof(rows_) / sizeof(rows_[0])); \
	})

static bool strings_are_printed(void)
{
	return PRINT({ "%s|%v|%q", "[\"a\",\"b\",\"c\\n\\\"\"]", "a|b|\"c\\n\\\"\"" },
		     { "%5s|%-5s|%.2s|%5.1s", "[\"ab\",\"ab\",\"abc\",\"xyz\"]",
			"   ab|ab   |ab|    x" },
		     { "%5s", "[\"\u00e9\"]", "    \u00e9" },
		     { "%x %X", "[\"hi\",\"hi~\"]", "6869 68697E" },
		     { "%%|%s", "[\"x\"]", "%|x" });
}

static bool numbers_are_printed(void)
{
	return PRINT({ "%d %v %5d|%-5d|%05d|%+d", "[1,2,3,4,5,6]", "1 2     3|4    |00005|+6" },
		     { "%x %X %#x %o %b %c %U", "[255,255,255,8,5,97,8364]",
		       "ff FF 0xff 10 101 a U+20AC" },
		     { "%05d %x", "[-42,-255]", "-0042 -ff" },
		     { "%f %.2f %8.3f %e %g %v", "[1.5,1.005,3.14159,1500.0,1500.5,0.1]",
		       "1.500000 1.00    3.142 1.500000e+03 1500.5 0.1" },
		     { "%6.2f|%-8.1f|", "[3.14159,2.5]", "  3.14|2.5     |" },
		     { "%08.3f|%08.2f|%+.2f|%.3d|% d", "[3.14159,-1.5,1.5,5,5]",
		       "0003.142|-0001.50|+1.50|005| 5" },
		     { "%q", "[97]", "'a'" });
}

static bool lists_hand_the_verb_down(void)
{
	return PRINT({ "%v %s %q %d", "[[1,2],[\"a\",\"b\"],[\"a\"],[3]]",
			"[1 2] [a b] [\"a\"] [3]" },
		     { "%v", "[{\"A\":1,\"B\":\"x\"}]", "{1 x}" },
		     { "%+v", "[{\"A\":1,\"B\":\"x\"}]", "{A:1 B:x}" },
		     { "%t %v", "[true,false]", "true false" });
}

static bool what_does_not_suit_is_told(void)
{
	return PRINT({ "%d", "[\"x\"]", "%!d(string=x)" }, { "%s", "[5]", "%!s(int=5)" },
		     { "%d %d", "[1]", "1 %!d(MISSING)" }, { "%d", "[1,2]", "1%!(EXTRA int=2)" },
		     { "x", "[\"a\",1]", "x%!(EXTRA string=a, int=1)" },
		     { "%z", "[1]", "%!z(int=1)" },
		     { "%", "[]", "%!(NOVERB)" }, { "%s %v", "[null,null]", "%!s(<nil>) <nil>" },
		     { "%t", "[1]", "%!t(int=1)" });
}

static bool widths_and_places_are_taken(void)
{
	return PRINT({ "%*d|%-*d|", "[4,1,3,2]", "   1|2  |" },
		     { "%[2]s %[1]s", "[\"a\",\"b\"]", "b a" }, { "%[3]d", "[1]", "%!d(BADINDEX)" },
		     { "%.*f", "[1,2.55]", "2.5" }, { "%T %T %T %T", "[1,\"a\",1.5,true]",
						     "int string float64 bool" });
}

static bool floats_are_as_short_as_can_be(void)
{
	return PRINT({ "%v %v %v %v", "[0.1,1e21,1e20,123456789.0]",
		       "0.1 1e+21 1e+20 1.23456789e+08" },
		     { "%v %v %v", "[1000000.0,123456.0,1234567.0]", "1e+06 123456 1.234567e+06" },
		     { "%v %v %v", "[0.00001,0.0001,-2.5]", "1e-05 0.0001 -2.5" });
}

int main(void)
{
	TEST(strings_are_printed);
	TEST(numbers_are_printed);
	TEST(lists_hand_the_verb_down);
	TEST(what_does_not_suit_is_told);
	TEST(widths_and_places_are_taken);
	TEST(floats_are_as_short_as_can_be);
	return tap_done();
}
