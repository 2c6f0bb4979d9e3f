/* SPDX-License-Identifier: Apache-2.0 */
/* How much of a processor was used between two looks. */
#include "engine/stats.h"
#include "tap.h"

#define SECOND 1000000000

static bool a_processor_is_a_hundred_percent(void)
{
	return CHECK(stats_cpu_pct(0, SECOND, SECOND) == 100) &&
	       CHECK(stats_cpu_pct(5, SECOND + 5, 2LL * SECOND) == 50) &&
	       CHECK(stats_cpu_pct(7, 7, SECOND) == 0) &&
	       CHECK(stats_cpu_pct(0, 4ULL * SECOND, SECOND) == 400);
}

static bool what_can_not_be_is_nothing(void)
{
	return CHECK(stats_cpu_pct(0, SECOND, 0) == 0) && CHECK(stats_cpu_pct(0, 1, -1) == 0) &&
	       CHECK(stats_cpu_pct(2, 1, SECOND) == 0);
}

int main(void)
{
	TEST(a_processor_is_a_hundred_percent);
	TEST(what_can_not_be_is_nothing);
	return tap_done();
}
