/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On v2 the child is cloned into its group. Two things may stand in the way: the container has made
 * groups below its own and handed controllers down, and then nobody may live in the first one; or
 * we are a user in a session, with root's groups between it and the scope, and only systemd may
 * move a process across these.
 */
#include "rt/exec_group.h"

#include "rt/cg_systemd.h"
#include "sys/clone.h"

#include <fcntl.h>
#include <unistd.h>

void exec_group_init(struct exec_group *group, const struct container *c)
{
	*group = (struct exec_group){ .c = c, .gate_fds = { -1, -1 } };
}

void exec_group_done(struct exec_group *group)
{
	closep(&group->gate_fds[0]);
	closep(&group->gate_fds[1]);
	if (group->has_sub)
		cgroup_done(&group->sub);
}

static void sub_init(struct exec_group *group)
{
	cgroup_init(&group->sub, &group->c->cgroupfs,
		    group->c->rt->rootless ? CGROUP_ROOTLESS : 0);
	group->has_sub = true;
}

int exec_group_choose(struct exec_group *group, const char *sub, struct err *err)
{
	sub_init(group);
	return cgroup_open_sub(&group->sub, &group->c->cg, sub, err);
}

const struct cgroup *exec_group_cgroup(const struct exec_group *group)
{
	if (group->has_sub)
		return &group->sub;
	return group->c->has_cgroup ? &group->c->cg : NULL;
}

/* ------------------------------------------------------------------------------ the clone */

static pid_t clone_there(const struct exec_group *group, int *ret_pidfd)
{
	const struct cgroup *cg = exec_group_cgroup(group);
	const struct clone_request request = { .cgroup_fd = cg ? cgroup_v2_fd(cg) : -1 };

	return clone_process(&request, ret_pidfd);
}

static pid_t clone_beside_first(struct exec_group *group, int *ret_pidfd)
{
	struct err ignored;

	sub_init(group);
	if (cgroup_open_pid(&group->sub, group->c->record->host_pid, &ignored) < 0)
		return -EBUSY;
	return clone_there(group, ret_pidfd);
}

static pid_t clone_outside(struct exec_group *group, int *ret_pidfd)
{
	const struct clone_request request = { .cgroup_fd = -1 };

	if (pipe2(group->gate_fds, O_CLOEXEC) < 0)
		return -errno;
	return clone_process(&request, ret_pidfd);
}

pid_t exec_group_clone(struct exec_group *group, int *ret_pidfd)
{
	pid_t pid = clone_there(group, ret_pidfd);

	if (pid == -EBUSY && !group->has_sub)
		return clone_beside_first(group, ret_pidfd);
	if (pid == -EACCES && group->c->rt->rootless && group->c->record->systemd_unit)
		return clone_outside(group, ret_pidfd);
	return pid;
}

/* ------------------------------------------------------------------------------ the gate */

void exec_group_wait(const struct exec_group *group)
{
	char end;

	if (group->gate_fds[0] < 0)
		return;
	(void)close(group->gate_fds[1]);
	(void)!read(group->gate_fds[0], &end, 1);
	(void)close(group->gate_fds[0]);
}

int exec_group_move(struct exec_group *group, pid_t host_pid, struct err *err)
{
	struct cg_systemd_scope scope;
	int r = 0;

	if (group->gate_fds[1] < 0)
		return 0;
	if (container_scope(group->c, &scope))
		r = cg_systemd_attach(&scope, host_pid, err);
	closep(&group->gate_fds[1]);
	group->gate_fds[1] = -1;
	return r;
}
