/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clone3 without the C library's wrapper, which takes a stack: without CLONE_VM the child goes on
 * with a copy of ours, as after fork.
 */
#include "sys/clone.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t clone_process(const struct clone_request *request, int *ret_pidfd)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = request->flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = request->flags & CLONE_PARENT ? 0 : SIGCHLD,
	};
	long pid;

	if (request->cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)(unsigned)request->cgroup_fd;
	}
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return -errno;
	if (pid > 0)
		*ret_pidfd = pidfd;
	return (pid_t)pid;
}

int clone_wait(pid_t host_pid)
{
	int status;

	while (waitpid(host_pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}
