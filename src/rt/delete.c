/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a container. What create made is undone from the record alone, in an order in which
 * being killed half-way leaves the record for the next try: processes, cgroups, hooks, and the
 * record last. It also cleans up after a create that was killed at any moment.
 */
#include "rt/delete.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "rt/furnish.h"
#include "rt/hooks.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#define KILL_TIMEOUT_MS 10000

int delete_kill_first(const struct container *c, struct err *err)
{
	struct pollfd gone = { .fd = c->pidfd, .events = POLLIN };
	int n;

	if (c->pidfd < 0)
		return 0;
	if (syscall(SYS_pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return err_sys(err, errno, "kill process %d", (int)c->record->host_pid);
	do
		n = poll(&gone, 1, KILL_TIMEOUT_MS);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return err_set(err, ERR_CONFLICT, ETIMEDOUT,
			       "process %d does not end though it was killed",
			       (int)c->record->host_pid);
	return 0;
}

/* Until its first process was written down, a create that died has nobody in the cgroup but that
 * process, which dies with it. Others were there before: create would have refused that cgroup. */
static bool may_hold_strangers(const struct container *c)
{
	return c->record->is_creating && c->record->host_pid == 0;
}

static int kill_all(struct container *c, struct err *err)
{
	int r = 0;

	if (may_hold_strangers(c))
		return 0;
	if (!c->record->is_damaged && c->has_cgroup && !cgroup_remove_left(&c->cg) &&
	    cgroup_is_populated(&c->cg, err) > 0)
		r = cgroup_kill(&c->cg, SIGKILL, err);
	return r < 0 ? r : delete_kill_first(c, err);
}

static int remove_rdt(struct container *c, struct err *err)
{
	struct resctrl_made made = { .clos = c->record->made_rdt_class,
				     .monitor = c->record->made_rdt_monitor };
	auto_close int root_fd = -1;
	struct oci_spec *spec = NULL;
	struct resctrl_group group;
	int r;

	if (!made.clos && !made.monitor)
		return 0;
	r = record_read_spec(&c->dir, &c->arena, &spec, err);
	if (r == 0)
		r = resctrl_open(&root_fd, err);
	if (r < 0)
		return r;
	group = furnish_rdt(spec->linux_->intel_rdt, c->record->id);
	return resctrl_remove(root_fd, &group, made, err);
}

/* Of a create that did not get its scope, one of that name is another's. Where it was killed before
 * it could write down that it did, the scope has ended with its only process. */
static int stop_scope(const struct container *c, struct err *err)
{
	struct cg_systemd_scope scope;

	if (!c->record->cgroup_path || !container_scope(c, &scope))
		return 0;
	return cg_systemd_stop(&scope, err);
}

static int remove_cgroup(struct container *c, struct err *err)
{
	int r = stop_scope(c, err);

	if (r == 0 && c->has_cgroup)
		r = cgroup_remove(&c->cg, err);
	if (r == -EBUSY && may_hold_strangers(c))
		r = 0;
	return r == 0 ? remove_rdt(c, err) : r;
}

/* Poststop hooks can't stop the end: their failure is told, and all is gone all the same. */
static int run_poststop(struct container *c, struct err *err)
{
	auto_buf struct buf state = {};
	struct oci_spec *spec = NULL;
	struct hook_context ctx = { .pidfd = -1 };
	int r;

	if (!c->record->has_poststop)
		return 0;
	r = record_read_spec(&c->dir, &c->arena, &spec, err);
	if (r < 0)
		return r;
	c->status = RT_STOPPED;
	rt_state_format(container_state(c), &state);
	ctx.state_json = buf_str(&state);
	return hooks_run_all(&spec->hooks->poststop, "poststop", &ctx, err);
}

int delete_container(struct container *c, struct err *err)
{
	struct err hook_err = {};
	int r = container_open_cgroup(c, err), hook_r;

	if (r == 0)
		r = kill_all(c, err);
	if (r == 0)
		r = remove_cgroup(c, err);
	if (r < 0)
		return r;
	hook_r = run_poststop(c, &hook_err);
	r = record_remove(&c->dir, err);
	if (r == 0 && hook_r < 0)
		log_warn("delete %s: %s", c->record->id, hook_err.msg);
	return r;
}

int rt_delete(const struct rt *rt, const char *id, bool force, struct err *err)
{
	auto_container struct container c;
	struct err ignored;
	int r;

	container_init(&c, rt);
	r = container_open(&c, id, err);
	if (r < 0 && force && err->kind == ERR_NOT_FOUND)
		return 0;
	if (r < 0 && force && err->kind == ERR_USAGE && rt_id_check(id, &ignored) == 0)
		r = container_salvage(&c, id, err);
	if (r < 0)
		return r;
	if (!force && c.status != RT_STOPPED)
		return err_set(err, ERR_CONFLICT, EBUSY,
			       "the container is %s: stop it first, or delete it with --force",
			       rt_status_name(c.status));
	return delete_container(&c, err);
}
