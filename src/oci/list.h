/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Growing the lists of oci/types.h, in an arena. For lists that began empty, and grow only here. */

#include "base/arena.h"
#include "oci/types.h"

#include <stdbool.h>
#include <string.h>

/* Room for one more after `n`, and for the NULL that ends an array of strings. */
static inline void *list_room(struct arena *arena, void *v, size_t n, size_t item_size)
{
	void *wide;

	if ((n & (n + 1)) != 0)
		return v;
	wide = arena_alloc(arena, 2 * (n + 1) * item_size);
	if (n)
		memcpy(wide, v, n * item_size);
	return wide;
}

/* A pointer to the new, zeroed item at the end of `list`. */
#define list_add(list, arena)                                                               \
	({                                                                                  \
		typeof(list) list_ = (list);                                                \
		list_->v = list_room((arena), list_->v, list_->n, sizeof(*list_->v));       \
		&list_->v[list_->n++];                                                      \
	})

static inline bool strings_have(const struct oci_strings *list, const char *str)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], str) == 0)
			return true;
	return false;
}

static inline void strings_add(struct oci_strings *list, struct arena *arena, char *str)
{
	*list_add(list, arena) = str;
}
