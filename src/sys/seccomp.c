/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One system call, three uses. seccomp_filter_load runs in the forked child between the plan's last
 * operations and exec; the questions are asked by the parent and by `features`.
 */
#include "sys/seccomp.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

int seccomp_filter_load(const struct sock_filter *insns, unsigned short n, unsigned flags)
{
	/* The kernel only reads through the pointer; its type merely lacks the const. */
	struct sock_fprog prog = { .len = n, .filter = (struct sock_filter *)(uintptr_t)insns };
	long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);

	if (r < 0)
		return -errno;
	/* With TSYNC a positive value names a thread that could not follow. */
	if (r > 0 && !(flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return -ESRCH;
	return (int)r;
}

bool seccomp_has_action(uint32_t action)
{
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/* A known flag gets as far as reading the program, which is not there. */
bool seccomp_has_flag(unsigned flag)
{
	unsigned flags = flag;

	if (flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) < 0 && errno == EFAULT;
}
