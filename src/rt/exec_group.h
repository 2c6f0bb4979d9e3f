/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where in the cgroups a process goes that is executed in a running container: the container's
 * group, one below it that the caller names, or where the first process went. On v1 the child joins
 * by itself, by the files that cgroup_open_tasks opens of exec_group_cgroup.
 */

#include "rt/container.h"

#include <sys/types.h>

struct exec_group {
	const struct container *c; /* borrowed */
	struct cgroup sub;         /* joined instead of the container's own */
	bool has_sub;
	int gate_fds[2]; /* the child waits until ours is closed: systemd is moving it */
};

void exec_group_init(struct exec_group *group, const struct container *c);
void exec_group_done(struct exec_group *group);

/* The group `sub` below the container's. It must exist. */
int exec_group_choose(struct exec_group *group, const char *sub, struct err *err);

/* NULL: the container has none. */
const struct cgroup *exec_group_cgroup(const struct exec_group *group);

/* Clone the child, on v2 into its group: its pid, 0 in the child, or a negative errno. */
pid_t exec_group_clone(struct exec_group *group, int *ret_pidfd);

/* In the child, before all else: wait until it is where it belongs. */
void exec_group_wait(const struct exec_group *group);

/* In the parent, after the clone: have the child moved, if that is left to do. */
int exec_group_move(struct exec_group *group, pid_t host_pid, struct err *err);
