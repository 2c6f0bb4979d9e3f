/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The CPUs that a process may run on. sched_setaffinity(2); process.execCPUAffinity. */

#include "base/err.h"
#include "sys/bitlist.h"

/* "0-3,7". CPUs that the machine lacks are the kernel's to refuse, when none remains. */
int affinity_parse(const char *list, struct bitlist *ret, struct err *err);

/* Of the calling thread, and what it forks. Callable after fork. 0 or -errno. */
int affinity_set(const struct bitlist *cpus);
