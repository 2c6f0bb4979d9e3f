/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sets of CPUs and of memory nodes, as the kernel writes and takes them: "0-3,7" in text, one bit
 * each in memory. cpuset(7), "List format".
 */

#include "base/err.h"

#include <stdbool.h>

#define BITLIST_MAX	 8192 /* the most CPUs that a kernel can be built for */
#define BITLIST_PER_WORD (8 * sizeof(unsigned long))

struct bitlist {
	unsigned long words[BITLIST_MAX / BITLIST_PER_WORD];
};

/* Numbers must be below `limit` (BITLIST_MAX at the most). An empty list is refused. */
int bitlist_parse(const char *list, unsigned limit, struct bitlist *ret, struct err *err);

bool bitlist_has(const struct bitlist *list, unsigned number);
