/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include "tap.h"

static bool code_points_are_decoded(void)
{
	static const struct {
		const char *text;
		size_t len;
		uint32_t code;
	} rows[] = {
		{ "a", 1, 'a' },
		{ "\x7f", 1, 0x7f },
		{ "\xc2\x80", 2, 0x80 },
		{ "\xc3\xa9t\xc3\xa9", 2, 0xe9 },
		{ "\xe2\x82\xac", 3, 0x20ac },
		{ "\xed\x9f\xbf", 3, 0xd7ff },
		{ "\xf0\x9f\x90\xa7", 4, 0x1f427 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t code = 0;

		if (!CHECK(utf8_decode(rows[i].text, &code) == rows[i].len) ||
		    !CHECK(code == rows[i].code))
			return false;
	}
	return true;
}

static bool what_is_not_the_shortest_form_is_none(void)
{
	static const char *const texts[] = {
		"", "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3z", "\xe0\x9f\xbf",
		"\xe2\x82", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x90",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint32_t code = 7;

		if (!CHECK(utf8_decode(texts[i], &code) == 0) || !CHECK(code == 7))
			return false;
	}
	return true;
}

static bool what_is_no_text_is_replaced(void)
{
	auto_buf struct buf out = {};

	utf8_add_valid(&out, "a\xff\xc3\xa9\xe2\x82z\n");
	return CHECK_STR(buf_str(&out), "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbdz\n");
}

static bool shows(const char *text, size_t columns, const char *want, size_t want_used)
{
	auto_buf struct buf out = {};
	size_t used;

	buf_puts(&out, ">");
	used = utf8_add_printable(&out, text, columns);
	return CHECK_STR(buf_str(&out) + 1, want) && CHECK(used == want_used);
}

static bool what_moves_the_cursor_is_spelled_out(void)
{
	return shows("a\033[2Jb\n", 80, "a\\x1b[2Jb\\x0a", 13) &&
	       shows("\xe2\x80\xaegnp", 80, "\\xe2\\x80\\xaegnp", 15) &&
	       shows("\xc2\x9b""2J", 80, "\\xc2\\x9b2J", 10) &&
	       shows("\xff", 80, "\\xff", 4) && shows("\x7f\t", 80, "\\x7f\\x09", 8);
}

static bool text_is_cut_between_characters(void)
{
	return shows("abcdef", 6, "abcdef", 6) && shows("abcdefg", 6, "abc...", 6) &&
	       shows("ab\033cdef", 6, "ab...", 5) && shows("abcdefg", 2, "ab", 2) &&
	       shows("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 4, "\xc3\xa9...", 4) &&
	       shows("", 6, "", 0) && shows("abc", 0, "", 0);
}

static bool what_may_be_wide_counts_twice(void)
{
	return shows("\xe4\xb8\xad\xe6\x96\x87", 4, "\xe4\xb8\xad\xe6\x96\x87", 4) &&
	       shows("\xe4\xb8\xad\xe6\x96\x87x", 4, "...", 3);
}

static bool adds(uint32_t code, const char *want)
{
	auto_buf struct buf out = {};

	utf8_add(&out, code);
	return CHECK_STR(buf_str(&out), want);
}

static bool code_points_are_written(void)
{
	return adds('a', "a") && adds(0xe9, "\xc3\xa9") && adds(0x20ac, "\xe2\x82\xac") &&
	       adds(0x1f433, "\xf0\x9f\x90\xb3") && adds(0, "\xef\xbf\xbd") &&
	       adds(0xd800, "\xef\xbf\xbd") && adds(0x110000, "\xef\xbf\xbd") &&
	       adds(UINT32_MAX, "\xef\xbf\xbd");
}

static bool letters_are_counted(void)
{
	return CHECK(utf8_count("") == 0) && CHECK(utf8_count("abc") == 3) &&
	       CHECK(utf8_count("\xc3\xa9\xe2\x82\xac") == 2) && CHECK(utf8_count("\xff" "a") == 2);
}

int main(void)
{
	TEST(code_points_are_decoded);
	TEST(what_is_not_the_shortest_form_is_none);
	TEST(what_is_no_text_is_replaced);
	TEST(what_moves_the_cursor_is_spelled_out);
	TEST(text_is_cut_between_characters);
	TEST(what_may_be_wide_counts_twice);
	TEST(code_points_are_written);
	TEST(letters_are_counted);
	return tap_done();
}
