/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU affinity. The mask is always handed over whole: the kernel ignores bits past its own count.
 */
#include "sys/affinity.h"

#include <sys/syscall.h>
#include <unistd.h>

int affinity_parse(const char *list, struct bitlist *ret, struct err *err)
{
	return bitlist_parse(list, BITLIST_MAX, ret, err);
}

int affinity_set(const struct bitlist *cpus)
{
	return syscall(SYS_sched_setaffinity, 0, sizeof(cpus->words), cpus->words) < 0 ? -errno : 0;
}
