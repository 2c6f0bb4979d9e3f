/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done to a living container from outside: signals, freezing, new limits.
 */
#include "rt/container.h"

#include "base/cleanup.h"

#include <signal.h>
#include <sys/syscall.h>

/* The pidfd was checked against the time its process started: no other can be hit. */
static int signal_first(const struct container *c, int signal, struct err *err)
{
	if (syscall(SYS_pidfd_send_signal, c->pidfd, signal, NULL, 0) < 0)
		return err_sys(err, errno, "send signal %d to process %d", signal,
			       (int)c->record->host_pid);
	return 0;
}

/* Without a cgroup nobody knows who belongs to the container. Of a pid namespace the first process
 * takes all with it when it is killed. */
static int check_all_known(struct container *c, int signal, struct err *err)
{
	struct oci_spec *spec = NULL;
	const struct oci_namespace *ns;
	int r;

	if (c->has_cgroup)
		return 0;
	r = record_read_spec(&c->dir, &c->arena, &spec, err);
	if (r < 0)
		return r;
	ns = oci_spec_find_ns(spec, NS_PID);
	if (signal == SIGKILL && ns && !ns->path)
		return 0;
	return err_set(err, ERR_CONFLICT, ENOTSUP,
		       "--all: the container has no cgroup, so its processes are not known");
}

int rt_kill(const struct rt *rt, const char *id, int signal, bool all, struct err *err)
{
	auto_container struct container c;
	int r;

	container_init(&c, rt);
	r = all ? container_open_with_cgroup(&c, id, err) : container_open(&c, id, err);
	if (r < 0)
		return r;
	if (all && c.has_cgroup && c.status != RT_CREATING && cgroup_is_populated(&c.cg, err) > 0)
		return cgroup_kill(&c.cg, signal, err);
	if (all && c.status == RT_STOPPED)
		return 0;
	r = container_require_alive(&c, true, err);
	if (r == 0 && all)
		r = check_all_known(&c, signal, err);
	return r < 0 ? r : signal_first(&c, signal, err);
}

int rt_pidfd_open(const struct rt *rt, const char *id, int *ret_pidfd, struct err *err)
{
	auto_container struct container c;
	int r;

	container_init(&c, rt);
	r = container_open(&c, id, err);
	if (r == 0 && c.pidfd < 0)
		r = err_set(err, ERR_CONFLICT, ESRCH, "the container is %s",
			    rt_status_name(c.status));
	if (r == 0)
		*ret_pidfd = take_fd(&c.pidfd);
	return r;
}

static int set_frozen(const struct rt *rt, const char *id, bool frozen, struct err *err)
{
	auto_container struct container c;
	int r;

	container_init(&c, rt);
	r = container_open_with_cgroup(&c, id, err);
	if (r < 0)
		return r;
	if (c.status != (frozen ? RT_RUNNING : RT_PAUSED))
		return err_set(err, ERR_CONFLICT, EBUSY, "the container is %s, not %s",
			       rt_status_name(c.status), frozen ? "running" : "paused");
	if (!c.has_cgroup)
		return err_set(err, ERR_CONFLICT, ENOTSUP,
			       "a container without a cgroup can't be paused");
	return cgroup_freeze(&c.cg, frozen, err);
}

int rt_pause(const struct rt *rt, const char *id, struct err *err)
{
	return set_frozen(rt, id, true, err);
}

int rt_resume(const struct rt *rt, const char *id, struct err *err)
{
	return set_frozen(rt, id, false, err);
}

int rt_update(const struct rt *rt, const char *id, const struct oci_resources *resources,
	      struct err *err)
{
	auto_container struct container c;
	struct cg_systemd_scope scope;
	int r;

	container_init(&c, rt);
	r = container_open_with_cgroup(&c, id, err);
	if (r == 0)
		r = container_require_alive(&c, true, err);
	if (r < 0)
		return r;
	if (!c.has_cgroup)
		return err_set(err, ERR_CONFLICT, ENOTSUP,
			       "a container without a cgroup has no limits");
	if (container_scope(&c, &scope))
		r = cg_systemd_update(&scope, c.cgroupfs.mode == CGROUP_V2, resources, err);
	return r < 0 ? r : cgroup_update(&c.cg, resources, err);
}
