/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "tap.h"

#include <stdint.h>

static bool is_zero(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

static bool memory_is_zeroed_aligned_and_apart(void)
{
	auto_arena struct arena arena = {};
	unsigned char *before = NULL;
	size_t size_before = 0;

	for (size_t size = 1; size < 40000; size = size * 3 / 2 + 1) {
		unsigned char *p = arena_alloc(&arena, size);

		if (!CHECK((uintptr_t)p % _Alignof(max_align_t) == 0) || !CHECK(is_zero(p, size)))
			return false;
		memset(p, 0xff, size);
		if (before && !CHECK(p >= before + size_before || p + size <= before))
			return false;
		before = p;
		size_before = size;
	}
	return true;
}

static bool what_was_given_stays_while_it_grows(void)
{
	auto_arena struct arena arena = {};
	char *words[3000];

	for (size_t i = 0; i < 3000; i++)
		words[i] = arena_printf(&arena, "word %zu of an arena", i);
	return CHECK_STR(words[0], "word 0 of an arena") &&
	       CHECK_STR(words[1500], "word 1500 of an arena") &&
	       CHECK_STR(words[2999], "word 2999 of an arena");
}

static bool nothing_can_be_asked_for(void)
{
	auto_arena struct arena arena = {};
	char *none = arena_alloc(&arena, 0);

	return CHECK((uintptr_t)none > 4096) && CHECK_STR(arena_strdup(&arena, ""), "") &&
	       CHECK_STR(arena_printf(&arena, "%s", ""), "");
}

static bool strndup_ends_its_string(void)
{
	auto_arena struct arena arena = {};

	return CHECK_STR(arena_strndup(&arena, "config.json", 6), "config") &&
	       CHECK_STR(arena_strndup(&arena, "config.json", 0), "");
}

static bool a_finished_arena_can_start_again(void)
{
	struct arena arena = {};

	(void)arena_strdup(&arena, "first");
	arena_done(&arena);
	arena_done(&arena);
	if (!CHECK_STR(arena_strdup(&arena, "second"), "second"))
		return false;
	arena_done(&arena);
	return CHECK(!arena.newest);
}

int main(void)
{
	TEST(memory_is_zeroed_aligned_and_apart);
	TEST(what_was_given_stays_while_it_grows);
	TEST(nothing_can_be_asked_for);
	TEST(strndup_ends_its_string);
	TEST(a_finished_arena_can_start_again);
	return tap_done();
}
