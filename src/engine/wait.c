/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for what becomes of a container. Its end is awaited by its monitor's lock, which says
 * that it has ended and that all of it is recorded. All else is looked for again whenever something
 * happens in its entry's directory, and every now and then, since that it is paused is known to the
 * kernel alone.
 */
#include "engine/container.h"

#include "base/cleanup.h"
#include "base/timestamp.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

struct waiting {
	const struct engine *engine;
	const struct entry *entry;
	unsigned conditions;
	int look_ms;
	int notify_fd;
	int monitor_fd; /* of the monitor that there was at first; -1: none */
	char finished[TIMESTAMP_BYTES]; /* when it had ended last, at first */
	int exit_code; /* -1: none is known */
};

static void waiting_done(struct waiting *w)
{
	closep(&w->notify_fd);
	closep(&w->monitor_fd);
}

/* ------------------------------------------------------------------------------- its end */

static int await_end(struct waiting *w, struct err *err)
{
	int r = entry_open_monitor(w->entry, &w->monitor_fd, err);

	/* It was never started, which is docker's 0. */
	if (r == -ENOENT) {
		w->exit_code = 0;
		return 0;
	}
	if (r == 0)
		r = entry_await(w->monitor_fd, err);
	if (r == -ESRCH)
		return err_set(err, ERR_SYSTEM, ESRCH,
			       "its monitor was killed: its exit status is lost");
	if (r < 0)
		return r;
	w->exit_code = r;
	return 0;
}

/* ------------------------------------------------------------------------------- the rest */

static int watch(struct waiting *w, struct err *err)
{
	const uint32_t changes = IN_CREATE | IN_MODIFY | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF;
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", w->entry->dir_fd);
	w->notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->notify_fd < 0 ||
	    (inotify_add_watch(w->notify_fd, path, changes) < 0 && errno != ENOENT))
		return err_sys(err, errno, "watch the container");
	return 0;
}

static void await_change(const struct waiting *w)
{
	struct pollfd fd = { .fd = w->notify_fd, .events = POLLIN };
	char events[sizeof(struct inotify_event) + NAME_MAX + 1];

	if (poll(&fd, 1, w->look_ms) > 0)
		while (read(w->notify_fd, events, sizeof(events)) > 0)
			;
}

static unsigned conditions_of(struct waiting *w, const struct status *status)
{
	const char *finished = status->finished ? status->finished : "";

	switch (status->kind) {
	case STATUS_RUNNING:
		return ENGINE_CREATED | ENGINE_RUNNING;
	case STATUS_PAUSED:
		return ENGINE_CREATED | ENGINE_PAUSED;
	case STATUS_EXITED:
		w->exit_code = status->exit_code;
		return ENGINE_CREATED | ENGINE_NOT_RUNNING |
		       (strcmp(finished, w->finished) == 0 ? 0 : ENGINE_NEXT_EXIT);
	default:
		return ENGINE_CREATED | ENGINE_NOT_RUNNING;
	}
}

/* Of one that went when it ended its monitor tells how. */
static unsigned conditions_of_removed(struct waiting *w)
{
	struct err ignored;
	int r = w->monitor_fd < 0 ? -ESRCH : entry_await(w->monitor_fd, &ignored);

	if (r >= 0)
		w->exit_code = r;
	return ENGINE_REMOVED | ENGINE_NEXT_EXIT | ENGINE_NOT_RUNNING;
}

/* What holds now. */
static int look(struct waiting *w, bool is_first, unsigned *ret_holds, struct err *err)
{
	auto_arena struct arena arena = {};
	struct status *status = NULL;
	int r;

	w->exit_code = -1;
	if (entry_is_hidden(w->entry)) {
		*ret_holds = conditions_of_removed(w);
		return 0;
	}
	r = container_status(w->engine, w->entry, &arena, &status, err);
	if (r < 0)
		return r;
	if (is_first && status->finished)
		(void)snprintf(w->finished, sizeof(w->finished), "%s", status->finished);
	*ret_holds = conditions_of(w, status);
	return 0;
}

static int await_condition(struct waiting *w, struct err *err)
{
	bool is_first = true;
	struct err ignored;
	unsigned holds = 0;
	int r = watch(w, err);

	(void)entry_open_monitor(w->entry, &w->monitor_fd, &ignored);
	while (r == 0) {
		r = look(w, is_first, &holds, err);
		if (r < 0 || (holds & w->conditions))
			return r;
		if (holds & ENGINE_REMOVED)
			return err_set(err, ERR_NOT_FOUND, ENOENT, "the container was removed");
		is_first = false;
		await_change(w);
	}
	return r;
}

int engine_wait(const struct engine *engine, const char *who, unsigned conditions, int look_ms,
		int *ret_status, struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_cleanup(waiting_done) struct waiting w = {
		.engine = engine,
		.entry = &entry,
		.conditions = conditions,
		.look_ms = look_ms,
		.notify_fd = -1,
		.monitor_fd = -1,
		.exit_code = -1,
	};
	int r = entry_open(engine, who, &entry, err);

	if (r < 0 && err->kind == ERR_NOT_FOUND && (conditions & ENGINE_REMOVED))
		r = 0;
	else if (r == 0)
		r = conditions == ENGINE_NOT_RUNNING ? await_end(&w, err)
						     : await_condition(&w, err);
	if (r == 0)
		*ret_status = w.exit_code;
	return r;
}
