/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "tap.h"

static bool ids_are_strict(void)
{
	static const char *const bad[] = { "",	 "-1", "4294967295", "4294967296", "1x",
					   " 1", "+1", "0x1",	     "1 " };
	uint32_t id = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!CHECK(num_parse_id(bad[i], &id) < 0))
			return false;
	return CHECK(id == 7) && CHECK(num_parse_id("4294967294", &id) == 0) &&
	       CHECK(id == 4294967294u);
}

static bool signed_numbers_reach_both_ends(void)
{
	int64_t v;

	return CHECK(num_parse_i64("-9223372036854775808", &v) == 0 && v == INT64_MIN) &&
	       CHECK(num_parse_i64("9223372036854775807", &v) == 0 && v == INT64_MAX) &&
	       CHECK(num_parse_i64("9223372036854775808", &v) < 0) &&
	       CHECK(num_parse_i64("--1", &v) < 0);
}

static bool sizes_have_units_of_1024(void)
{
	int64_t v;

	return CHECK(num_parse_size("512m", &v) == 0 && v == 512 << 20) &&
	       CHECK(num_parse_size("2Gb", &v) == 0 && v == (int64_t)2 << 30) &&
	       CHECK(num_parse_size("1024", &v) == 0 && v == 1024) &&
	       CHECK(num_parse_size("-1", &v) == 0 && v == -1) &&
	       CHECK(num_parse_size("12q", &v) < 0) && CHECK(num_parse_size("99999999p", &v) < 0);
}

int main(void)
{
	TEST(ids_are_strict);
	TEST(signed_numbers_reach_both_ends);
	TEST(sizes_have_units_of_1024);
	return tap_done();
}
