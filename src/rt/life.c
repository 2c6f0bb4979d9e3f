/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rt_run in steps, for the engine's monitor.
 *
 * A container's mount namespace is kept until rt_life_end: the kernel takes it apart before it
 * tells of the process's end, and an overlay on a disk with much to write can make that wait. Held,
 * the exit status comes first, and the work is done when nobody waits for it.
 */
#include "rt/run.h"

#include "base/cleanup.h"
#include "sys/clone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

struct rt_life {
	struct birth b;
	int mount_ns_fd;
};

int rt_life_begin(const struct rt *rt, const struct rt_create *create, struct rt_life **ret_life,
		  struct err *err)
{
	struct rt_life *life = calloc(1, sizeof(*life));
	int r;

	if (!life)
		return err_sys(err, ENOMEM, "remember the container");
	life->mount_ns_fd = -1;
	birth_init(&life->b, rt, create);
	r = run_create(&life->b, false, true, err);
	if (r < 0)
		rt_life_free(life);
	else
		*ret_life = life;
	return r;
}

pid_t rt_life_pid(const struct rt_life *life)
{
	return life->b.host_pid;
}

int rt_life_pidfd(const struct rt_life *life)
{
	return life->b.c.pidfd;
}

int rt_life_take_terminal(struct rt_life *life)
{
	return take_fd(&life->b.terminal_fd);
}

int rt_life_start(struct rt_life *life, struct err *err)
{
	char path[32];
	int r;

	(void)snprintf(path, sizeof(path), "%d/ns/mnt", (int)life->b.host_pid);
	life->mount_ns_fd = openat(life->b.c.proc_fd, path, O_RDONLY | O_CLOEXEC);
	r = run_start(&life->b, err);
	if (r == 0)
		plan_done(&life->b.plan); /* a long life need not hold it */
	return r;
}

int rt_life_wait(struct rt_life *life, int *ret_status, struct err *err)
{
	int status = clone_wait(life->b.host_pid);

	if (status < 0)
		return err_sys(err, -status, "wait for the container");
	*ret_status = run_exit_status(status);
	return 0;
}

uint32_t rt_life_oom_kills(const struct rt_life *life)
{
	return life->b.c.has_cgroup ? cgroup_oom_kills(&life->b.c.cg) : 0;
}

int rt_life_end(struct rt_life *life, struct err *err)
{
	closep(&life->mount_ns_fd);
	life->mount_ns_fd = -1;
	return run_remove(&life->b, err);
}

void rt_life_free(struct rt_life *life)
{
	closep(&life->mount_ns_fd);
	birth_done(&life->b);
	free(life);
}
