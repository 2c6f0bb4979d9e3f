/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How the scheduler treats a process. sched(7), sched_setattr(2); process.scheduler. */

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* As the members of process.scheduler. */
struct sched_request {
	const char *policy; /* "SCHED_OTHER" */
	int32_t nice, priority;
	char *const *flags; /* "SCHED_FLAG_RESET_ON_FORK" */
	size_t n_flags;
	uint64_t runtime_ns, deadline_ns, period_ns;
};

/* The kernel's struct sched_attr, version 0: C libraries differ in whether they have it. */
struct sched_params {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime_ns, deadline_ns, period_ns;
};

/* Refuses what the policy has no use for: a priority for SCHED_OTHER, a deadline for SCHED_FIFO. */
int sched_parse(const struct sched_request *request, struct sched_params *ret, struct err *err);

/* Of the calling process. Callable after fork. 0 or -errno. */
int sched_set(const struct sched_params *params);
