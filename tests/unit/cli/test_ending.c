/* SPDX-License-Identifier: Apache-2.0 */
/* Why a container ended. */
#include "cli/tare/ending.h"
#include "tap.h"

static const char *reason(int64_t memory_bytes, int exit_code, uint32_t oom_kills)
{
	static char text[128];
	auto_arena struct arena arena = {};
	const struct config config = { .memory_bytes = memory_bytes };
	const struct ending ending = { exit_code, oom_kills };
	const char *why = ending_reason(&config, &ending, &arena);

	(void)snprintf(text, sizeof(text), "%s", why ? why : "-");
	return text;
}

static bool a_kill_for_memory_names_the_limit(void)
{
	return CHECK_STR(reason(64 << 20, 137, 1),
			 "OOM-killed: needed more than its limit of 64 MiB") &&
	       CHECK_STR(reason(0, 137, 2), "OOM-killed: the machine had no memory left");
}

static bool any_other_end_needs_no_words(void)
{
	return CHECK_STR(reason(64 << 20, 137, 0), "-") && CHECK_STR(reason(64 << 20, 0, 1), "-") &&
	       CHECK_STR(reason(64 << 20, 1, 1), "-");
}

int main(void)
{
	TEST(a_kill_for_memory_names_the_limit);
	TEST(any_other_end_needs_no_words);
	return tap_done();
}
