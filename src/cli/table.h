/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Tables for people: columns as wide as their widest cell, no blanks at the end of a line. */

#include "base/buf.h"

#define TABLE_GAP         3 /* blanks between columns */
#define TABLE_MAX_COLUMNS 32

/* `cells` holds the rows one after the other, the head first. No column is narrower than
 * `min_width`. */
void table_format(const char *const *cells, size_t n_columns, size_t n_rows, size_t min_width,
		  struct buf *out);
