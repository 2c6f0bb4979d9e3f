/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bump allocator in blocks, each twice as large as the one before, from 2 to 16 KiB (or as large
 * as one request asks for). A container's record fits into the first; a parsed config.json with a
 * seccomp profile fills five or six.
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BLOCK_MIN_BYTES ((size_t)2 * 1024)
#define BLOCK_MAX_BYTES ((size_t)16 * 1024)
#define ALIGN _Alignof(max_align_t)

struct arena_block {
	struct arena_block *older;
	_Alignas(max_align_t) unsigned char bytes[];
};

static void out_of_memory(void)
{
	static const char line[] = "tare: out of memory\n";

	(void)!write(STDERR_FILENO, line, sizeof(line) - 1);
	_exit(1);
}

void arena_done(struct arena *arena)
{
	struct arena_block *block = arena->newest;

	while (block) {
		struct arena_block *older = block->older;

		free(block);
		block = older;
	}
	*arena = (struct arena){};
}

static size_t next_cap(const struct arena *arena)
{
	size_t cap = arena->newest ? 2 * arena->cap : BLOCK_MIN_BYTES;

	return cap < BLOCK_MAX_BYTES ? cap : BLOCK_MAX_BYTES;
}

static void grow(struct arena *arena, size_t size)
{
	size_t usual = next_cap(arena), cap = size > usual ? size : usual;
	struct arena_block *block = calloc(1, sizeof(*block) + cap);

	if (!block)
		out_of_memory();
	block->older = arena->newest;
	*arena = (struct arena){ .newest = block, .used = 0, .cap = cap };
}

void *arena_alloc(struct arena *arena, size_t size)
{
	void *p;

	if (size > SIZE_MAX / 2)
		out_of_memory();
	size = (size + ALIGN - 1) & ~(ALIGN - 1);
	if (!arena->newest || arena->cap - arena->used < size)
		grow(arena, size);
	p = arena->newest->bytes + arena->used;
	arena->used += size;
	return p;
}

char *arena_strndup(struct arena *arena, const char *bytes, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	memcpy(copy, bytes, len);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *str)
{
	return arena_strndup(arena, str, strlen(str));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap, again;
	char *str;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	str = arena_alloc(arena, (size_t)(len < 0 ? 0 : len) + 1);
	if (len > 0)
		(void)vsnprintf(str, (size_t)len + 1, fmt, again);
	va_end(again);
	return str;
}
