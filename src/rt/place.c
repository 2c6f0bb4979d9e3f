/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process of ours in a cgroup of our choice: the engine's monitors, which must not go down with
 * the session or the service that somebody started a container from.
 */
#include "rt/rt.h"

#include "base/cleanup.h"
#include "rt/cgroup.h"
#include "sys/clone.h"

#include <unistd.h>

/* Mostly it is there already, from the container before. */
static int open_group(struct cgroup *cg, const char *path, struct err *err)
{
	struct err absent = {};
	int r = cgroup_open(cg, path, &absent);

	if (r == 0)
		return 0;
	return cgroup_create(cg, path, NULL, CGROUP_MAY_EXIST | CGROUP_EVERYWHERE, err);
}

/* In the child: alone, it joins v1 groups by itself, which costs no grace period. */
static void join(const int *tasks_fds, int n)
{
	for (int i = 0; i < n; i++) {
		(void)!write(tasks_fds[i], "0", 1);
		(void)close(tasks_fds[i]);
	}
}

static pid_t clone_into(const struct cgroup *cg, int *ret_pidfd, struct err *err)
{
	struct clone_request request = { .cgroup_fd = cgroup_v2_fd(cg) };
	int tasks_fds[CGROUPFS_TREES_MAX];
	int n = cgroup_open_tasks(cg, tasks_fds, CGROUPFS_TREES_MAX, err);
	pid_t pid;

	if (n < 0)
		return n;
	pid = clone_process(&request, ret_pidfd);
	if (pid == 0)
		join(tasks_fds, n);
	for (int i = 0; i < n && pid != 0; i++)
		(void)close(tasks_fds[i]);
	return pid < 0 ? err_sys(err, -pid, "clone a process") : pid;
}

pid_t rt_clone_into(const struct rt *rt, const char *cgroup_path, int *ret_pidfd, struct err *err)
{
	auto_cgroupfs struct cgroupfs fs = {};
	auto_cgroup struct cgroup cg;
	pid_t pid;
	int r = cgroupfs_open(&fs, err);

	cgroup_init(&cg, &fs, rt->rootless ? CGROUP_ROOTLESS : 0);
	if (r == 0)
		r = open_group(&cg, cgroup_path, err);
	if (r < 0)
		return err_wrap(err, "cgroup '%s'", cgroup_path);
	pid = clone_into(&cg, ret_pidfd, err);
	return pid;
}
