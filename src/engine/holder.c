/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a detached exec writes to its terminal is kept nowhere, as docker has it. A terminal without
 * a master hangs up, and one that is not read stops who writes to it: so a process of ours is there
 * for it, which holds nothing else.
 */
#include "engine/holder.h"

#include "base/cleanup.h"
#include "sys/memory.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MASTER_FD 3

/* Nothing of the caller's is kept: its pipes must not wait for us. */
static bool leave_caller(int master_fd)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t all;

	(void)setsid();
	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)prctl(PR_SET_NAME, "tare-holder");
	for (int fd = 0; fd < MASTER_FD; fd++)
		if (dup2(null_fd, fd) < 0)
			return false;
	if (master_fd != MASTER_FD && dup2(master_fd, MASTER_FD) < 0)
		return false;
	return syscall(SYS_close_range, MASTER_FD + 1, ~0U, 0) == 0 && chdir("/") == 0;
}

static _Noreturn void hold(int master_fd)
{
	char bytes[4096];
	ssize_t n;

	if (!leave_caller(master_fd))
		_exit(1);
	memory_give_back();
	do
		n = read(MASTER_FD, bytes, sizeof(bytes));
	while (n > 0 || (n < 0 && errno == EINTR));
	_exit(0);
}

int holder_start(const struct engine *engine, int master_fd, struct arena *arena, struct err *err)
{
	const char *group = arena_printf(arena, "%s/monitors", engine->cgroup_parent);
	auto_close int pidfd = -1;
	pid_t pid = rt_clone_into(&engine->rt, group, &pidfd, err);

	if (pid == 0)
		hold(master_fd);
	return pid < 0 ? pid : 0;
}
