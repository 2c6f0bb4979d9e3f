/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens containers for the verbs. The status is derived, never stored: from whether the first
 * process lives, whether it still waits for `start`, and whether its cgroup is frozen.
 */
#include "rt/container.h"

#include "base/cleanup.h"
#include "oci/schema.h"
#include "sys/proc.h"

#include <stdio.h>
#include <string.h>

static const char *const status_names[] = {
	[RT_CREATING] = "creating", [RT_CREATED] = "created", [RT_RUNNING] = "running",
	[RT_PAUSED] = "paused",	    [RT_STOPPED] = "stopped",
};

const char *rt_status_name(enum rt_status status)
{
	return status_names[status];
}

void container_init(struct container *c, const struct rt *rt)
{
	*c = (struct container){ .rt = rt, .proc_fd = -1, .pidfd = -1 };
	record_dir_init(&c->dir);
}

void container_done(struct container *c)
{
	if (c->has_cgroup)
		cgroup_done(&c->cg);
	cgroupfs_done(&c->cgroupfs);
	closep(&c->pidfd);
	closep(&c->proc_fd);
	record_dir_done(&c->dir);
	arena_done(&c->arena);
}

int container_open_cgroup(struct container *c, struct err *err)
{
	int r;

	if (c->has_cgroup || !c->record->cgroup_path)
		return 0;
	r = cgroupfs_open(&c->cgroupfs, err);
	if (r < 0) {
		err->kind = ERR_SYSTEM; /* what is not found is not the container */
		return r;
	}
	cgroup_init(&c->cg, &c->cgroupfs, c->rt->rootless ? CGROUP_ROOTLESS : 0);
	r = cgroup_open(&c->cg, c->record->cgroup_path, err);
	if (r < 0) {
		cgroup_done(&c->cg);
		return err->kind == ERR_NOT_FOUND ? 0 : r;
	}
	c->has_cgroup = true;
	return 0;
}

static int find_status(struct container *c, struct err *err)
{
	int r;

	c->pidfd = record_open_process(c->record, c->proc_fd);
	if (c->pidfd == -ESRCH || (c->pidfd < 0 && c->record->host_pid == 0)) {
		c->pidfd = -1;
		c->status = c->record->is_creating ? RT_CREATING : RT_STOPPED;
		return 0;
	}
	if (c->pidfd < 0) {
		r = c->pidfd;
		c->pidfd = -1;
		return err_sys(err, -r, "look at process %d", (int)c->record->host_pid);
	}
	if (c->record->is_creating)
		c->status = RT_CREATING;
	else
		c->status = record_is_created(&c->dir) ? RT_CREATED : RT_RUNNING;
	if (c->status != RT_RUNNING)
		return 0;
	r = container_open_cgroup(c, err);
	if (r == 0 && c->has_cgroup)
		r = cgroup_is_frozen(&c->cg, err);
	if (r > 0)
		c->status = RT_PAUSED;
	return r < 0 ? r : 0;
}

int container_open(struct container *c, const char *id, struct err *err)
{
	int r = record_open(c->rt, id, &c->dir, err);

	if (r == 0)
		r = record_read(&c->dir, &c->arena, &c->record, err);
	if (r == 0)
		r = proc_open(&c->proc_fd, err);
	return r < 0 ? r : find_status(c, err);
}

int container_open_with_cgroup(struct container *c, const char *id, struct err *err)
{
	int r = container_open(c, id, err);

	return r < 0 ? r : container_open_cgroup(c, err);
}

bool container_scope(const struct container *c, struct cg_systemd_scope *ret_scope)
{
	if (!c->record->systemd_unit)
		return false;
	*ret_scope = (struct cg_systemd_scope){ .user = c->record->is_user_scope };
	(void)snprintf(ret_scope->unit, sizeof(ret_scope->unit), "%s", c->record->systemd_unit);
	(void)snprintf(ret_scope->slice, sizeof(ret_scope->slice), "%s",
		       c->record->systemd_slice ? c->record->systemd_slice : "");
	return true;
}

/* Where its first process is, unless we are there as well. */
static int salvage_cgroup(struct container *c, struct err *err)
{
	auto_cgroupfs struct cgroupfs fs = {};
	auto_buf struct buf its = {}, ours = {};
	int r = cgroupfs_open(&fs, err);

	if (r == 0 && fs.n)
		r = cgroupfs_path_of(&fs.trees[0], c->record->host_pid, &its, err);
	if (r == 0 && fs.n)
		r = cgroupfs_path_of(&fs.trees[0], 0, &ours, err);
	if (r == 0 && its.len > 1 && strcmp(buf_str(&its), buf_str(&ours)) != 0)
		c->record->cgroup_path = arena_strdup(&c->arena, buf_str(&its));
	return r;
}

int container_salvage(struct container *c, const char *id, struct err *err)
{
	const struct rt *rt = c->rt;
	int r;

	container_done(c);
	container_init(c, rt);
	r = record_open(rt, id, &c->dir, err);
	if (r == 0)
		r = record_salvage(&c->dir, &c->arena, &c->record, err);
	if (r == 0)
		r = proc_open(&c->proc_fd, err);
	if (r < 0)
		return r;
	c->status = RT_STOPPED;
	c->pidfd = record_open_process(c->record, c->proc_fd);
	if (c->pidfd >= 0)
		return salvage_cgroup(c, err);
	c->pidfd = -1;
	return 0;
}

int container_require_alive(const struct container *c, bool created_too, struct err *err)
{
	if (c->status == RT_RUNNING || c->status == RT_PAUSED ||
	    (created_too && c->status == RT_CREATED))
		return 0;
	return err_set(err, ERR_CONFLICT, ESRCH, "container not running: it is %s",
		       rt_status_name(c->status));
}

struct rt_state *container_state(struct container *c)
{
	struct rt_state *state = arena_new(&c->arena, struct rt_state);
	const struct record *record = c->record;

	*state = (struct rt_state){
		.id = record->id,
		.oci_version = record->oci_version,
		.bundle = record->bundle,
		.rootfs = record->rootfs,
		.created = record->created,
		.status = c->status,
		.host_pid = c->status == RT_STOPPED ? 0 : record->host_pid,
		.annotations = record->annotations,
	};
	state->owner = arena_printf(&c->arena, "%s", record->uid == 0 ? "root" : "");
	if (record->uid)
		state->owner = arena_printf(&c->arena, "%u", record->uid);
	return state;
}
