/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"
#include "tap.h"

static bool prints(const char *const *cells, size_t n_rows, size_t min_width, const char *want)
{
	auto_buf struct buf out = {};

	table_format(cells, 2, n_rows, min_width, &out);
	return CHECK_STR(buf_str(&out), want);
}

static bool columns_are_as_wide_as_their_widest_cell(void)
{
	static const char *const cells[] = { "ID", "NAME", "long", "a" };

	return prints(cells, 2, 0, "ID     NAME\nlong   a\n") &&
	       prints(cells, 2, 6, "ID       NAME\nlong     a\n");
}

static bool a_letter_of_many_bytes_is_one_column(void)
{
	static const char *const cells[] = { "ab…", "x", "abcd", "y", "\xff", "z" };

	return prints(cells, 3, 0, "ab…    x\nabcd   y\n\xff      z\n");
}

int main(void)
{
	TEST(columns_are_as_wide_as_their_widest_cell);
	TEST(a_letter_of_many_bytes_is_one_column);
	return tap_done();
}
