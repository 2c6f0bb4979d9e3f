/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pausing: all processes of a container's cgroup stand still. Whether they do the kernel alone
 * knows; a mark in the entry says that it is worth asking. It is set before anything stands still
 * and cleared when all goes on, by one at a time, so that none that is paused lacks it.
 */
#include "engine/container.h"

#include "base/cleanup.h"
#include "engine/marks.h"

/* *ret_hold_fd: as long as the caller has it, nobody else pauses the container or lets it go on. */
static int open_held(const struct engine *engine, const char *who, struct entry *entry,
		     int *ret_hold_fd, enum status_kind *ret_kind, struct err *err)
{
	auto_arena struct arena arena = {};
	struct status *status = NULL;
	int r = entry_open(engine, who, entry, err);

	if (r == 0)
		r = entry_hold(entry, ret_hold_fd, err);
	if (r == 0)
		r = container_status(engine, entry, &arena, &status, err);
	if (r == 0)
		*ret_kind = status->kind;
	return r;
}

int engine_pause(const struct engine *engine, const char *who, struct err *err)
{
	enum status_kind kind = STATUS_CREATED;
	auto_entry struct entry entry = ENTRY_NONE;
	auto_close int hold_fd = -1;
	int r = open_held(engine, who, &entry, &hold_fd, &kind, err);

	if (r < 0)
		return r;
	if (kind == STATUS_PAUSED)
		return err_set(err, ERR_CONFLICT, EALREADY, "the container is paused already");
	if (kind != STATUS_RUNNING)
		return container_not_running(kind, err);
	r = mark_set(entry.dir_fd, MARK_PAUSED, err);
	return r < 0 ? r : rt_pause(&engine->rt, entry.id, err);
}

int engine_unpause(const struct engine *engine, const char *who, struct err *err)
{
	enum status_kind kind = STATUS_CREATED;
	auto_entry struct entry entry = ENTRY_NONE;
	auto_close int hold_fd = -1;
	int r = open_held(engine, who, &entry, &hold_fd, &kind, err);

	if (r < 0)
		return r;
	if (kind != STATUS_PAUSED)
		return err_set(err, ERR_CONFLICT, EALREADY, "the container is not paused: it is %s",
			       status_name(kind));
	r = rt_resume(&engine->rt, entry.id, err);
	if (r == 0)
		mark_clear(entry.dir_fd, MARK_PAUSED);
	return r;
}

void container_go_on(const struct engine *engine, const struct entry *entry)
{
	auto_close int hold_fd = -1;
	struct err ignored;

	if (!mark_is_set(entry->dir_fd, MARK_PAUSED) || entry_hold(entry, &hold_fd, &ignored) < 0)
		return;
	if (rt_resume(&engine->rt, entry->id, &ignored) == 0)
		mark_clear(entry->dir_fd, MARK_PAUSED);
}
