/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at containers. What one is doing is what its monitor wrote, unless that was killed: then
 * the runtime's own state tells whether its first process goes on. Of a list only what was asked
 * for is read, so its cost goes with those that are shown.
 */
#include "engine/container.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "engine/abandoned.h"
#include "engine/marks.h"
#include "oci/list.h"

#include <stdlib.h>
#include <string.h>

/* What the monitor left beside the status, which it could not write: the disk was full. */
static bool find_exit(const struct entry *entry, struct status *status)
{
	auto_close int monitor_fd = -1;
	struct err ignored;
	int code;

	if (entry_open_monitor(entry, &monitor_fd, &ignored) < 0)
		return false;
	code = entry_read_exit(monitor_fd);
	if (code < 0)
		return false;
	status->kind = STATUS_EXITED;
	status->host_pid = 0;
	status->exit_code = code;
	return true;
}

bool container_outlives_monitor(const struct engine *engine, const struct entry *entry)
{
	auto_arena struct arena arena = {};
	struct rt_state *state = NULL;
	struct err ignored;

	return rt_state_get(&engine->rt, entry->id, &arena, &state, &ignored) == 0 &&
	       (state->status == RT_RUNNING || state->status == RT_PAUSED);
}

/* Nobody has recorded its end, and nobody will. */
static void judge_orphan(const struct engine *engine, const struct entry *entry,
			 struct status *status, struct arena *arena)
{
	if (container_outlives_monitor(engine, entry)) {
		status->error = arena_strdup(arena, "its monitor was killed: what it writes is "
						    "lost, and its exit status will be");
		return;
	}
	status->kind = STATUS_EXITED;
	status->host_pid = 0;
	status->exit_code = ENGINE_STATUS_LOST;
	status->error = arena_strdup(arena, "its monitor was killed: its exit status is lost");
}

/* What the monitor does not know: that it stands still. */
static void find_paused(const struct engine *engine, const struct entry *entry,
			struct status *status, struct arena *arena)
{
	struct rt_state *state = NULL;
	struct err ignored;

	if (status->kind == STATUS_RUNNING && mark_is_set(entry->dir_fd, MARK_PAUSED) &&
	    rt_state_get(&engine->rt, entry->id, arena, &state, &ignored) == 0 &&
	    state->status == RT_PAUSED)
		status->kind = STATUS_PAUSED;
}

int container_status(const struct engine *engine, const struct entry *entry, struct arena *arena,
		     struct status **ret, struct err *err)
{
	int r = entry_read_status(entry, arena, ret, err);

	if (r < 0 || (*ret)->kind == STATUS_EXITED)
		return r;
	if (!entry_has_monitor(entry)) {
		/* It may have ended between the two looks. */
		r = entry_read_status(entry, arena, ret, err);
		if (r == 0 && (*ret)->kind == STATUS_RUNNING && !find_exit(entry, *ret))
			judge_orphan(engine, entry, *ret, arena);
	}
	if (r == 0)
		find_paused(engine, entry, *ret, arena);
	return r;
}

int container_not_running(enum status_kind kind, struct err *err)
{
	(void)err_set(err, ERR_CONFLICT, ESRCH, "the container is not running: it is %s",
		      status_name(kind));
	if (kind == STATUS_PAUSED)
		return err_hint(err, "'tare unpause' lets it go on");
	return -ESRCH;
}

int container_check_log(const struct config *config, struct err *err)
{
	if (config_has_log(config))
		return 0;
	(void)err_set(err, ERR_CONFLICT, ENOTSUP,
		      "configured logging driver does not support reading");
	return err_hint(err, "it was made with '--log-driver none': what it writes is not kept");
}

/* What can't be read of it hides no container. */
static void find_network(const struct entry *entry, struct arena *arena,
			 struct engine_container *container)
{
	struct err err = {};

	container->net = NULL;
	if ((ENGINE_ACTIVE >> container->status->kind) & 1 &&
	    entry_read_network(entry, arena, &container->net, &err) < 0)
		log_warn("%s", err.msg);
}

static int read_container(const struct engine *engine, const struct entry *entry,
			  struct arena *arena, struct engine_container *ret, struct err *err)
{
	int r = entry_read_config(entry, arena, &ret->config, err);

	if (r == 0)
		r = container_status(engine, entry, arena, &ret->status, err);
	if (r == 0)
		find_network(entry, arena, ret);
	return r;
}

int engine_get(const struct engine *engine, const char *who, struct arena *arena,
	       struct engine_container *ret, struct err *err)
{
	auto_entry struct entry entry;
	int r = entry_open(engine, who, &entry, err);

	return r < 0 ? r : read_container(engine, &entry, arena, ret, err);
}

/* ------------------------------------------------------------------------------- lists */

struct listing {
	const struct engine *engine;
	unsigned kinds;
	struct arena *arena;
	OCI_LIST(struct engine_container) found;
	size_t *counts; /* by enum status_kind; NULL: it is to be read */
};

/* The status first: most of those that are not wanted have ended, and that it says alone. */
static void list_one(void *data, const struct entry *entry)
{
	struct listing *listing = data;
	struct engine_container container = {};
	struct err err = {};
	int r = container_status(listing->engine, entry, listing->arena, &container.status, &err);

	if (r == 0 && !(listing->kinds & 1U << container.status->kind))
		return;
	if (r == 0)
		r = entry_read_config(entry, listing->arena, &container.config, &err);
	if (r == 0) {
		find_network(entry, listing->arena, &container);
		*list_add(&listing->found, listing->arena) = container;
	} else if (r == -ENOENT) { /* being made, or removed */
		abandoned_remove(listing->engine, entry->id);
	} else {
		log_warn("container %.12s: %s", entry->id, err.msg);
	}
}

/* The newest first, as people look for them; the id settles a draw. All times have one form. */
static int compare_age(const void *a, const void *b)
{
	const struct engine_container *x = a, *y = b;
	int r = strcmp(y->config->created, x->config->created);

	return r ? r : strcmp(x->config->id, y->config->id);
}

int engine_list_kinds(const struct engine *engine, unsigned kinds, struct arena *arena,
		      struct engine_container **ret, size_t *ret_n, struct err *err)
{
	struct listing listing = { .engine = engine, .kinds = kinds, .arena = arena };
	int r = entry_walk(engine, list_one, &listing, err);

	if (listing.found.n)
		qsort(listing.found.v, listing.found.n, sizeof(*listing.found.v), compare_age);
	*ret = listing.found.v;
	*ret_n = listing.found.n;
	return r;
}

int engine_list(const struct engine *engine, struct arena *arena, struct engine_container **ret,
		size_t *ret_n, struct err *err)
{
	return engine_list_kinds(engine, ~0U, arena, ret, ret_n, err);
}

static void count_one(void *data, const struct entry *entry)
{
	struct listing *listing = data;
	struct status *status = NULL;
	struct err ignored;

	if (!entry_is_hidden(entry) &&
	    container_status(listing->engine, entry, listing->arena, &status, &ignored) == 0)
		listing->counts[status->kind]++;
}

int engine_count(const struct engine *engine, size_t counts[STATUS_KIND_MAX_], struct err *err)
{
	auto_arena struct arena arena = {};
	struct listing listing = { .engine = engine, .arena = &arena, .counts = counts };

	return entry_walk(engine, count_one, &listing, err);
}

/* ------------------------------------------------------------------------------- processes */

int engine_find_pid(const struct engine *engine, const char *who, pid_t *ret_pid, struct err *err)
{
	auto_arena struct arena arena = {};
	struct engine_container container;
	int r = engine_get(engine, who, &arena, &container, err);

	if (r < 0)
		return r;
	if (container.status->kind == STATUS_EXITED || !container.status->host_pid)
		return err_set(err, ERR_CONFLICT, ESRCH, "the container is not running");
	*ret_pid = container.status->host_pid;
	return 0;
}

int engine_pids(const struct engine *engine, const char *who, struct arena *arena,
		pid_t **ret_pids, size_t *ret_n, struct err *err)
{
	struct engine_container container;
	int r = engine_get(engine, who, arena, &container, err);

	if (r < 0)
		return r;
	if (container.status->kind != STATUS_RUNNING && container.status->kind != STATUS_PAUSED)
		return container_not_running(container.status->kind, err);
	return rt_pids(&engine->rt, container.config->id, arena, ret_pids, ret_n, err);
}
