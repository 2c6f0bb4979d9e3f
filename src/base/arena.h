/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Memory that lives and dies together: a config.json, a plan. Nothing is freed singly.
 *
 * Out of memory prints one line and exits, so whoever takes a size from outside bounds it first.
 */

#include "base/cleanup.h"

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *newest;
	size_t used, cap; /* of the newest block */
};

void arena_done(struct arena *arena);
#define auto_arena auto_cleanup(arena_done)

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *str);
char *arena_strndup(struct arena *arena, const char *bytes, size_t len);
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *arena, const char *fmt, ...);

#define arena_new(arena, type) ((type *)arena_alloc(arena, sizeof(type)))
#define arena_array(arena, type, n) ((type *)arena_alloc(arena, sizeof(type) * (n)))
