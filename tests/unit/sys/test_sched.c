/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/ioprio.h"
#include "sys/sched.h"

#include "child.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static bool batch_with_a_nice_value(void)
{
	char *flags[] = { (char *)"SCHED_FLAG_RESET_ON_FORK" };
	const struct sched_request request = {
		.policy = "SCHED_BATCH", .nice = 7, .flags = flags, .n_flags = 1
	};
	struct sched_params params;
	struct err err = {};

	return CHECK(sched_parse(&request, &params, &err) == 0) && CHECK(sched_set(&params) == 0) &&
	       CHECK(sched_getscheduler(0) == (SCHED_BATCH | SCHED_RESET_ON_FORK)) &&
	       CHECK(getpriority(PRIO_PROCESS, 0) == 7);
}

static bool fifo_with_a_priority(void)
{
	const struct sched_request request = { .policy = "SCHED_FIFO", .priority = 3 };
	struct sched_params params;
	struct sched_param got;
	struct err err = {};

	return CHECK(sched_parse(&request, &params, &err) == 0) && CHECK(sched_set(&params) == 0) &&
	       CHECK(sched_getscheduler(0) == SCHED_FIFO) &&
	       CHECK(sched_getparam(0, &got) == 0 && got.sched_priority == 3);
}

static bool deadline_with_its_times(void)
{
	const struct sched_request request = { .policy = "SCHED_DEADLINE",
					       .runtime_ns = 1000000,
					       .deadline_ns = 100000000,
					       .period_ns = 100000000 };
	struct sched_params params;
	struct err err = {};

	return CHECK(sched_parse(&request, &params, &err) == 0) && CHECK(sched_set(&params) == 0) &&
	       CHECK(sched_getscheduler(0) == SCHED_DEADLINE);
}

static bool refuses(struct sched_request request, const char *words)
{
	struct sched_params params;
	struct err err = {};

	return CHECK(sched_parse(&request, &params, &err) < 0) && CHECK_STR(err.msg, words);
}

static bool what_cannot_work_is_refused_with_its_reason(void)
{
	char *flags[] = { (char *)"SCHED_FLAG_X" };

	return refuses((struct sched_request){ .policy = "SCHED_X" }, "unknown policy 'SCHED_X'") &&
	       refuses((struct sched_request){ .policy = "SCHED_ISO" },
		       "policy 'SCHED_ISO' is reserved: no kernel has it") &&
	       refuses((struct sched_request){ .policy = "SCHED_OTHER", .flags = flags,
					       .n_flags = 1 },
		       "unknown flag 'SCHED_FLAG_X'") &&
	       refuses((struct sched_request){ .policy = "SCHED_OTHER", .nice = 20 },
		       "nice 20 is not in -20..19") &&
	       refuses((struct sched_request){ .policy = "SCHED_RR" },
		       "priority 0 is not in 1..99, as SCHED_RR needs") &&
	       refuses((struct sched_request){ .policy = "SCHED_OTHER", .priority = 1 },
		       "priority: only for SCHED_FIFO and SCHED_RR") &&
	       refuses((struct sched_request){ .policy = "SCHED_RR", .priority = 1,
					       .period_ns = 1 },
		       "runtime, deadline, period: only for SCHED_DEADLINE");
}

static bool io_priority_is_set(void)
{
	struct err err = {};
	int value;

	return CHECK(ioprio_parse("IOPRIO_CLASS_BE", 6, &value, &err) == 0) &&
	       CHECK(ioprio_set(value) == 0) && CHECK(syscall(SYS_ioprio_get, 1, 0) == value) &&
	       CHECK(ioprio_parse("IOPRIO_CLASS_IDLE", 0, &value, &err) == 0) &&
	       CHECK(ioprio_set(value) == 0) && CHECK(syscall(SYS_ioprio_get, 1, 0) == value);
}

static bool io_priority_errors_name_the_value(void)
{
	struct err err = {};
	int value;

	return CHECK(ioprio_parse("IOPRIO_CLASS_X", 1, &value, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "unknown class 'IOPRIO_CLASS_X'") &&
	       CHECK(ioprio_parse("IOPRIO_CLASS_BE", 8, &value, &err) == -ERANGE) &&
	       CHECK_STR(err.msg, "priority 8 is not in 0..7");
}

int main(void)
{
	TEST(what_cannot_work_is_refused_with_its_reason);
	TEST(io_priority_errors_name_the_value);
	TEST_IN_CHILD(batch_with_a_nice_value);
	TEST_IN_CHILD(io_priority_is_set);
	if (geteuid() != 0) {
		SKIP(fifo_with_a_priority, "needs root");
		return tap_done();
	}
	TEST_IN_CHILD(fifo_with_a_priority);
	TEST_IN_CHILD(deadline_with_its_times);
	return tap_done();
}
