/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the logs of containers, one or several: of the records that come next, the earliest is
 * printed. Following, all that there is is printed, and then something must happen in an entry's
 * directory: inotify tells of the log, of its rotation, and of the exit code, which is written when
 * the log is complete. So whether a container has ended is asked before its log is read on.
 */
#include "engine/container.h"

#include "base/cleanup.h"
#include "base/moment.h"
#include "engine/log_print.h"
#include "engine/log_reader.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>

#define LOOK_MS 1000 /* a monitor that was killed tells nobody */

/* One container. */
struct source {
	struct entry entry;
	struct config *config;
	struct log_reader *reader;
	int notify_fd, monitor_fd;
	bool ends, is_over; /* nothing more comes but what is there; nothing more comes */
	bool has_line;
	struct log_line line; /* what it says next */
	struct log_print_whose whose;
	struct log_reader_losses told;
};

struct logs {
	const struct engine *engine;
	const struct engine_logs *request;
	struct log_print print;
	struct source *sources;
	size_t n;
};

static void logs_done(struct logs *logs)
{
	for (size_t i = 0; i < logs->n; i++) {
		struct source *source = &logs->sources[i];

		log_reader_free(source->reader);
		closep(&source->notify_fd);
		closep(&source->monitor_fd);
		entry_done(&source->entry);
	}
	log_print_done(&logs->print);
}

/* ------------------------------------------------------------------------------- opening */

static int watch(struct source *source, struct err *err)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", source->entry.dir_fd);
	source->notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (source->notify_fd < 0 ||
	    inotify_add_watch(source->notify_fd, path,
			      IN_CREATE | IN_MODIFY | IN_DELETE | IN_MOVED_TO) < 0)
		return err_sys(err, errno, "watch the log");
	return 0;
}

/* Will nothing more come? To be asked before the log is read for the last time. */
static bool has_ended(struct source *source)
{
	struct err ignored;

	if (source->monitor_fd < 0 &&
	    entry_open_monitor(&source->entry, &source->monitor_fd, &ignored) < 0)
		return true;
	return entry_read_exit(source->monitor_fd) >= 0 || !entry_has_monitor(&source->entry);
}

static int open_reader(const struct logs *logs, struct source *source, struct err *err)
{
	const struct engine_logs *request = logs->request;
	enum log_follow follow = request->follow && !has_ended(source) ? LOG_FOLLOW : LOG_ONCE;
	int r = log_reader_new(source->entry.dir_fd, (unsigned)source->config->log_max_files,
			       follow, &source->reader, err);

	if (r == 0 && request->tail >= 0)
		r = log_reader_seek_tail(source->reader, request->tail, err);
	return r;
}

static int open_source(const struct logs *logs, const char *who, struct source *source,
		       struct arena *arena, struct err *err)
{
	const struct engine_logs *request = logs->request;
	int r;

	*source = (struct source){ .entry = ENTRY_NONE, .notify_fd = -1, .monitor_fd = -1 };
	r = entry_open(logs->engine, who, &source->entry, err);
	if (r < 0)
		return r;
	r = entry_read_config(&source->entry, arena, &source->config, err);
	if (r == 0)
		r = container_check_log(source->config, err);
	if (r == 0 && request->follow)
		r = watch(source, err);
	if (r == 0)
		r = open_reader(logs, source, err);
	if (r < 0)
		return err_wrap(err, "%.128s", who);
	if (request->names)
		source->whose.name = source->config->name;
	else if (request->ids)
		source->whose.name = arena_strndup(arena, source->config->id, 12);
	return 0;
}

static int open_sources(struct logs *logs, char *const *who, struct arena *arena, struct err *err)
{
	size_t n = 0;
	int r = 0;

	while (who[n])
		n++;
	logs->sources = arena_array(arena, struct source, n);
	for (size_t i = 0; i < n && r == 0; i++) {
		logs->n = i + 1;
		r = open_source(logs, who[i], &logs->sources[i], arena, err);
	}
	return r;
}

/* ------------------------------------------------------------------------------- reading */

static bool is_set(const struct timespec *when)
{
	return when->tv_sec || when->tv_nsec;
}

/* What it says next, if anything: what is too early is skipped, what is too late ends it. */
static int look_ahead(const struct engine_logs *request, struct source *source, struct err *err)
{
	int r;

	if (source->has_line || source->is_over)
		return 0;
	do {
		r = log_reader_next(source->reader, &source->line, err);
	} while (r > 0 && is_set(&request->since) &&
		 moment_compare(&source->line.when, &request->since) < 0);
	if (r > 0 && is_set(&request->until) &&
	    moment_compare(&source->line.when, &request->until) > 0)
		source->is_over = true;
	source->has_line = r > 0 && !source->is_over;
	return r < 0 ? r : 0;
}

/* Whoever speaks next, or NULL. */
static int find_first(struct logs *logs, struct source **ret, struct err *err)
{
	*ret = NULL;
	for (size_t i = 0; i < logs->n; i++) {
		struct source *source = &logs->sources[i];
		int r = look_ahead(logs->request, source, err);

		if (r < 0)
			return r;
		if (source->has_line &&
		    (!*ret || moment_compare(&source->line.when, &(*ret)->line.when) < 0))
			*ret = source;
	}
	return 0;
}

static int print_all(struct logs *logs, struct err *err)
{
	struct source *first = NULL;
	int r = find_first(logs, &first, err);

	for (; r == 0 && first; r = find_first(logs, &first, err)) {
		r = log_print_line(&logs->print, &first->whose, &first->line, err);
		if (r < 0)
			return r;
		first->has_line = false;
	}
	return r < 0 ? r : log_print_flush(&logs->print, err);
}

/* ------------------------------------------------------------------------------- losses */

static void tell_losses(struct source *source)
{
	struct log_reader_losses now = log_reader_losses(source->reader);

	if (source->is_over && log_reader_is_torn(source->reader) &&
	    !entry_has_monitor(&source->entry))
		now.damaged++;
	log_reader_warn(source->config->name, &source->told, &now);
	source->told = now;
}

/* ------------------------------------------------------------------------------- following */

/* Milliseconds until `until`, at most LOOK_MS. */
static int wait_ms(const struct engine_logs *request)
{
	struct timespec now;
	int64_t ms;

	if (!is_set(&request->until))
		return LOOK_MS;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	ms = (request->until.tv_sec - now.tv_sec) * 1000 + 1 +
	     (request->until.tv_nsec - now.tv_nsec) / 1000000;
	return ms < 0 ? 0 : ms < LOOK_MS ? (int)ms : LOOK_MS;
}

/* Until something happens in one of the directories. */
static void wait_change(const struct logs *logs, struct pollfd *fds)
{
	char events[sizeof(struct inotify_event) + NAME_MAX + 1];

	for (size_t i = 0; i < logs->n; i++)
		fds[i] = (struct pollfd){
			.fd = logs->sources[i].is_over ? -1 : logs->sources[i].notify_fd,
			.events = POLLIN,
		};
	if (poll(fds, logs->n, wait_ms(logs->request)) <= 0)
		return;
	for (size_t i = 0; i < logs->n; i++)
		while (fds[i].revents && read(fds[i].fd, events, sizeof(events)) > 0)
			;
}

static bool is_past(const struct timespec *until)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return is_set(until) && moment_compare(&now, until) > 0;
}

/* One round. Returns whether any of them may say more. */
static int read_on(struct logs *logs, struct err *err)
{
	const struct engine_logs *request = logs->request;
	bool all_end = !request->follow || is_past(&request->until), goes_on = false;
	int r;

	for (size_t i = 0; i < logs->n; i++)
		logs->sources[i].ends = all_end || has_ended(&logs->sources[i]);
	r = print_all(logs, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < logs->n; i++) {
		struct source *source = &logs->sources[i];

		source->is_over |= source->ends;
		goes_on |= !source->is_over;
		tell_losses(source);
	}
	return goes_on;
}

int engine_logs(const struct engine *engine, char *const *who, const struct engine_logs *request,
		struct err *err)
{
	auto_arena struct arena arena = {};
	auto_cleanup(logs_done) struct logs logs = { .engine = engine, .request = request };
	struct pollfd *fds;
	int r;

	log_print_init(&logs.print, request);
	r = open_sources(&logs, who, &arena, err);
	if (r < 0)
		return r;
	fds = arena_array(&arena, struct pollfd, logs.n);
	while ((r = read_on(&logs, err)) > 0)
		wait_change(&logs, fds);
	return r;
}

const char *engine_log_path(const struct engine *engine, const struct config *config,
			    struct arena *arena)
{
	if (!config_has_log(config))
		return "";
	return arena_printf(arena, "%s/containers/%s/log", engine->root, config->id);
}
