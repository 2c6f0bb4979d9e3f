/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a container's log: from its end backwards to find where the last lines begin, then
 * forwards, and as it grows. inotify tells of what is new in the entry's directory: the log, and
 * the exit code, which is written when the log is complete.
 */
#include "engine/container.h"

#include "base/cleanup.h"
#include "base/io.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#define LOOK_MS 1000 /* a monitor that was killed tells nobody */

struct reading {
	const struct entry *entry;
	const struct engine_logs *request;
	int log_fd, notify_fd, monitor_fd;
};

static void reading_done(struct reading *r)
{
	closep(&r->log_fd);
	closep(&r->notify_fd);
	closep(&r->monitor_fd);
}

/* From where we are to what is the end now. */
static int copy(const struct reading *reading, struct err *err)
{
	char bytes[65536];
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = read(reading->log_fd, bytes, sizeof(bytes))) != 0) {
		if (n > 0)
			r = io_write(reading->request->out_fd, bytes, (size_t)n);
		else if (errno != EINTR)
			return err_sys(err, errno, "read the log");
	}
	return r < 0 ? err_sys(err, -r, "write the log") : 0;
}

/* Go to where the last `lines` lines begin. */
static int seek_tail(int log_fd, int64_t lines, struct err *err)
{
	off_t at = lseek(log_fd, 0, SEEK_END);
	bool at_end = true;
	char bytes[4096];

	if (lines == 0)
		return 0;
	while (at > 0) {
		size_t len = at < (off_t)sizeof(bytes) ? (size_t)at : sizeof(bytes);
		ssize_t n = pread(log_fd, bytes, len, at - (off_t)len);

		if (n != (ssize_t)len)
			return err_sys(err, n < 0 ? errno : EIO, "read the log");
		for (size_t i = len; i > 0; i--, at_end = false)
			/* The one that ends the last line begins none. */
			if (bytes[i - 1] == '\n' && !at_end && lines-- <= 1) {
				(void)lseek(log_fd, at - (off_t)(len - i), SEEK_SET);
				return 0;
			}
		at -= (off_t)len;
	}
	(void)lseek(log_fd, 0, SEEK_SET);
	return 0;
}

/* 0 also where nothing was written yet. */
static int open_log(struct reading *reading, struct err *err)
{
	int r;

	if (reading->log_fd >= 0)
		return 0;
	r = entry_read_log(reading->entry, reading->request->follow, &reading->log_fd, err);
	return r == -ENOENT ? 0 : r;
}

static int watch(struct reading *reading, struct err *err)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", reading->entry->dir_fd);
	reading->notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (reading->notify_fd < 0 ||
	    inotify_add_watch(reading->notify_fd, path, IN_CREATE | IN_MODIFY | IN_DELETE) < 0)
		return err_sys(err, errno, "watch the log");
	return 0;
}

/* Until something happens in the directory. */
static void wait_change(const struct reading *reading)
{
	struct pollfd fd = { .fd = reading->notify_fd, .events = POLLIN };
	char events[sizeof(struct inotify_event) + NAME_MAX + 1];

	if (poll(&fd, 1, LOOK_MS) > 0)
		while (read(reading->notify_fd, events, sizeof(events)) > 0)
			;
}

/* Will nothing more come? To be asked before the log is read for the last time. */
static bool has_ended(struct reading *reading)
{
	struct err ignored;

	if (reading->monitor_fd < 0 &&
	    entry_open_monitor(reading->entry, &reading->monitor_fd, &ignored) < 0)
		return true;
	return entry_read_exit(reading->monitor_fd) >= 0 || !entry_has_monitor(reading->entry);
}

static int follow(struct reading *reading, struct err *err)
{
	bool ended = false;
	int r = 0;

	while (r == 0 && !ended) {
		wait_change(reading);
		ended = has_ended(reading);
		r = open_log(reading, err);
		if (r == 0 && reading->log_fd >= 0)
			r = copy(reading, err);
	}
	return r;
}

int engine_logs(const struct engine *engine, const char *who, const struct engine_logs *request,
		struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_cleanup(reading_done) struct reading reading = { &entry, request, -1, -1, -1 };
	int r = entry_open(engine, who, &entry, err);

	if (r == 0 && request->follow)
		r = watch(&reading, err);
	if (r == 0)
		r = open_log(&reading, err);
	if (r == 0 && reading.log_fd >= 0 && request->tail >= 0)
		r = seek_tail(reading.log_fd, request->tail, err);
	if (r == 0 && reading.log_fd >= 0)
		r = copy(&reading, err);
	if (r == 0 && request->follow && !has_ended(&reading))
		r = follow(&reading, err);
	else if (r == 0 && request->follow && reading.log_fd >= 0)
		r = copy(&reading, err);
	return r;
}
