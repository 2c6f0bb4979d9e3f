/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/affinity.h"
#include "sys/bitlist.h"

#include "child.h"

#include <sched.h>

static bool lists_hold_numbers_and_ranges(void)
{
	struct bitlist l;
	struct err err = {};

	return CHECK(bitlist_parse("0-2,7,8191", BITLIST_MAX, &l, &err) == 0) &&
	       CHECK(bitlist_has(&l, 0) && bitlist_has(&l, 2) && !bitlist_has(&l, 3)) &&
	       CHECK(bitlist_has(&l, 7) && bitlist_has(&l, 8191) && !bitlist_has(&l, 8192));
}

static bool what_is_no_list_is_refused(void)
{
	static const char *const bad[] = { "",	  ",",	 "1,",	 ",1",	"3-1", "-1",  "1-",
					   "1--2", " 1", "1 ", "a",	"0x1", "1-2-3", "0-3:2",
					   "8192", "0-4294967295",
					   "99999999999999999999999999999" };
	struct bitlist l;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err err = {};

		if (!CHECK(bitlist_parse(bad[i], BITLIST_MAX, &l, &err) < 0) ||
		    !CHECK(err.kind == ERR_USAGE))
			return false;
	}
	return true;
}

static bool a_number_out_of_range_is_named(void)
{
	struct bitlist l;
	struct err err = {};

	return CHECK(bitlist_parse("0-64", 64, &l, &err) == -ERANGE) &&
	       CHECK_STR(err.msg, "'0-64': 64 is above 63");
}

static bool affinity_is_what_was_parsed(void)
{
	struct bitlist l;
	struct err err = {};
	cpu_set_t got;

	return CHECK(affinity_parse("0", &l, &err) == 0) && CHECK(affinity_set(&l) == 0) &&
	       CHECK(sched_getaffinity(0, sizeof(got), &got) == 0) &&
	       CHECK(CPU_COUNT(&got) == 1 && CPU_ISSET(0, &got));
}

static bool affinity_to_absent_cpus_is_refused(void)
{
	struct bitlist l;
	struct err err = {};

	return CHECK(affinity_parse("8191", &l, &err) == 0) && CHECK(affinity_set(&l) == -EINVAL);
}

int main(void)
{
	TEST(lists_hold_numbers_and_ranges);
	TEST(what_is_no_list_is_refused);
	TEST(a_number_out_of_range_is_named);
	TEST_IN_CHILD(affinity_is_what_was_parsed);
	TEST_IN_CHILD(affinity_to_absent_cpus_is_refused);
	return tap_done();
}
