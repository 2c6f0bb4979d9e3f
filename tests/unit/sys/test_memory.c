/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/memory.h"

#include "tap.h"

#include <alloca.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_BYTES ((size_t)256 * 1024)

/* Pages of the 256 KiB below the caller that are there.. */
static size_t stack_pages_below(uintptr_t here)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n = 0;
	uintptr_t end = here & ~(page - 1);
	FILE *map = fopen("/proc/self/pagemap", "re");
	uint64_t entry;

	if (!map)
		return 0;
	for (uintptr_t at = end - DEPTH_BYTES; at < end; at += page)
		if (fseek(map, (long)(at / page * sizeof(entry)), SEEK_SET) == 0 &&
		    fread(&entry, sizeof(entry), 1, map) == 1 && entry >> 63)
			n++;
	(void)fclose(map);
	return n;
}

static __attribute__((noinline)) void go_deep(void)
{
	char *deep = alloca(DEPTH_BYTES);

	memset(deep, 1, DEPTH_BYTES);
	__asm__ volatile("" : : "r"(deep) : "memory");
}

static bool the_stack_below_is_given_back_and_that_above_is_not(void)
{
	char kept[3000];
	size_t before, after;

	memset(kept, 'k', sizeof(kept));
	go_deep();
	before = stack_pages_below((uintptr_t)kept);
	memory_give_back();
	after = stack_pages_below((uintptr_t)kept);
	for (size_t i = 0; i < sizeof(kept); i++)
		if (!CHECK(kept[i] == 'k'))
			return false;
	return CHECK(before >= 60) && CHECK(after < 20);
}

static bool it_can_be_used_again(void)
{
	char *bytes = malloc(100000);
	bool good;

	if (!CHECK(bytes))
		return false;
	memset(bytes, 'b', 100000);
	memory_give_back();
	go_deep();
	good = CHECK(bytes[0] == 'b') && CHECK(bytes[99999] == 'b');
	free(bytes);
	return good;
}

int main(void)
{
	TEST(the_stack_below_is_given_back_and_that_above_is_not);
	TEST(it_can_be_used_again);
	return tap_done();
}
