/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laying out tables. A letter is as wide as any other, however many bytes it has.
 */
#include "cli/table.h"

#include "base/utf8.h"

static int column_width(const char *const *cells, size_t n_columns, size_t n_rows, size_t column,
			size_t min_width)
{
	size_t width = min_width;

	for (size_t row = 0; row < n_rows; row++) {
		size_t len = utf8_count(cells[row * n_columns + column]);

		if (len > width)
			width = len;
	}
	return (int)width + TABLE_GAP;
}

void table_format(const char *const *cells, size_t n_columns, size_t n_rows, size_t min_width,
		  struct buf *out)
{
	int widths[TABLE_MAX_COLUMNS];

	for (size_t column = 0; column < n_columns; column++)
		widths[column] = column_width(cells, n_columns, n_rows, column, min_width);
	for (size_t row = 0; row < n_rows; row++, cells += n_columns) {
		for (size_t column = 0; column + 1 < n_columns; column++)
			buf_printf(out, "%s%*s", cells[column],
				   widths[column] - (int)utf8_count(cells[column]), "");
		buf_printf(out, "%s\n", cells[n_columns - 1]);
	}
}
