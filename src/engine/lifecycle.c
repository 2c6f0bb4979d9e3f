/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's life and end, from outside. Its end is awaited by its monitor's lock, which says
 * that it has ended and that all of it is recorded.
 */
#include "engine/container.h"
#include "engine/message.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "sys/signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#define DEFAULT_STOP_S 10

static int not_running(enum status_kind kind, struct err *err)
{
	return err_set(err, ERR_CONFLICT, ESRCH, "the container is not running: it is %s",
		       status_name(kind));
}

/* Its status, and a pidfd if it runs, which the caller owns. */
static int open_process(const struct engine *engine, const struct entry *entry,
			struct arena *arena, int *ret_pidfd, struct err *err)
{
	struct status *status = NULL;
	int r = container_status(engine, entry, arena, &status, err);

	if (r < 0)
		return r;
	if (status->kind != STATUS_RUNNING && status->kind != STATUS_PAUSED)
		return not_running(status->kind, err);
	return rt_pidfd_open(&engine->rt, entry->id, ret_pidfd, err);
}

static int send(int pidfd, int signal, struct err *err)
{
	if (syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0 || errno == ESRCH)
		return 0;
	return err_sys(err, errno, "send signal %d to it", signal);
}

int engine_kill(const struct engine *engine, const char *who, int signal, struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_arena struct arena arena = {};
	auto_close int pidfd = -1;
	int r = entry_open(engine, who, &entry, err);

	if (r == 0)
		r = open_process(engine, &entry, &arena, &pidfd, err);
	return r < 0 ? r : send(pidfd, signal, err);
}

/* ------------------------------------------------------------------------------- stop */

/* 1: it has ended; 0: it has not, after `timeout_s` seconds (< 0: there is no such time). */
static int wait_end(int pidfd, int32_t timeout_s, struct err *err)
{
	int64_t until = clock_ms() + (int64_t)timeout_s * 1000, left = -1;
	struct pollfd fd = { .fd = pidfd, .events = POLLIN };
	int n;

	do {
		if (timeout_s >= 0)
			left = until > clock_ms() ? until - clock_ms() : 0;
		n = poll(&fd, 1, left > INT32_MAX ? INT32_MAX : (int)left);
	} while ((n < 0 && errno == EINTR) || (n == 0 && timeout_s >= 0 && clock_ms() < until));
	return n < 0 ? err_sys(err, errno, "wait for the container") : n;
}

/* Until its monitor has recorded the end; one that was killed records none. */
static int wait_recorded(const struct entry *entry, struct err *err)
{
	auto_close int monitor_fd = -1;
	int r = entry_open_monitor(entry, &monitor_fd, err);

	if (r == 0)
		r = entry_await(monitor_fd, err);
	return r < 0 && r != -ESRCH && r != -ENOENT ? r : 0;
}

static int stop_signal(const struct config *config, int asked, struct err *err)
{
	int signal = asked;

	if (signal <= 0 && config->stop_signal)
		signal = signals_parse(config->stop_signal);
	else if (signal <= 0)
		signal = SIGTERM;
	if (signal <= 0)
		return err_set(err, ERR_USAGE, EINVAL, "'%s' is no signal", config->stop_signal);
	return signal;
}

static int32_t stop_timeout(const struct config *config, int32_t asked)
{
	if (asked != ENGINE_STOP_TIMEOUT)
		return asked;
	return config->stop_timeout.is_set ? (int32_t)config->stop_timeout.value
					     : DEFAULT_STOP_S;
}

static int end(const struct entry *entry, int pidfd, int signal, int32_t timeout_s,
	       struct err *err)
{
	int r = send(pidfd, signal, err);

	if (r == 0)
		r = wait_end(pidfd, timeout_s, err);
	if (r == 0) {
		r = send(pidfd, SIGKILL, err);
		if (r == 0)
			r = wait_end(pidfd, -1, err);
	}
	return r < 0 ? r : wait_recorded(entry, err);
}

int engine_stop(const struct engine *engine, const char *who, int signal, int32_t timeout_s,
		struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_arena struct arena arena = {};
	struct config *config = NULL;
	auto_close int pidfd = -1;
	int r = entry_open(engine, who, &entry, err);

	if (r == 0)
		r = entry_read_config(&entry, &arena, &config, err);
	if (r == 0)
		r = signal = stop_signal(config, signal, err);
	if (r < 0)
		return r;
	r = open_process(engine, &entry, &arena, &pidfd, err);
	if (r < 0)
		return err->kind == ERR_CONFLICT ? 0 : r;
	return end(&entry, pidfd, signal, stop_timeout(config, timeout_s), err);
}

int engine_restart(const struct engine *engine, const char *who, int signal, int32_t timeout_s,
		   struct err *err)
{
	const struct engine_start request = { .how = { .who = who } };
	struct ending ending;
	int r = engine_stop(engine, who, signal, timeout_s, err);

	return r < 0 ? r : engine_start(engine, &request, &ending, err);
}

/* ------------------------------------------------------------------------------- wait, remove */

int engine_wait(const struct engine *engine, const char *who, int *ret_status, struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_close int monitor_fd = -1;
	int r = entry_open(engine, who, &entry, err);

	if (r == 0)
		r = entry_open_monitor(&entry, &monitor_fd, err);
	if (r == -ENOENT && entry.dir_fd >= 0)
		return err_set(err, ERR_CONFLICT, ENOENT, "the container was never started");
	if (r == 0)
		r = entry_await(monitor_fd, err);
	if (r == -ESRCH)
		return err_set(err, ERR_SYSTEM, ESRCH,
			       "its monitor was killed: its exit status is lost");
	if (r < 0)
		return r;
	*ret_status = r;
	return 0;
}

/* For one whose state is gone from below the runtime, only its monitor knows its process. */
static void ask_monitor(const struct entry *entry)
{
	auto_close int sock_fd = -1;
	struct err ignored;

	if (entry_call(entry, &sock_fd, &ignored) == 0)
		(void)message_send(sock_fd, MESSAGE_SIGNAL, SIGKILL, -1);
}

static int end_for_removal(const struct engine *engine, const struct entry *entry, bool force,
			   struct err *err)
{
	auto_arena struct arena arena = {};
	auto_close int pidfd = -1;
	int r = open_process(engine, entry, &arena, &pidfd, err);

	if (r < 0 && err->kind == ERR_CONFLICT)
		return 0;
	if (r == 0 && !force)
		return err_set(err, ERR_CONFLICT, EBUSY, "the container is running");
	if (r < 0 && force)
		ask_monitor(entry);
	return r < 0 ? (force ? 0 : r) : end(entry, pidfd, SIGKILL, -1, err);
}

/* One that is being started while it is hidden may run by now; if it does not, its monitor sees
 * that it is hidden, and ends. */
int engine_remove(const struct engine *engine, const char *who, bool force, struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_arena struct arena arena = {};
	struct config *config = NULL;
	struct err damaged;
	int r = entry_open(engine, who, &entry, err);

	if (r == 0)
		r = end_for_removal(engine, &entry, force, err);
	if (r < 0)
		return r;
	/* One whose configuration can't be read has at least its id. */
	(void)entry_read_config(&entry, &arena, &config, &damaged);
	entry_hide(&entry, config ? config->name : NULL);
	r = end_for_removal(engine, &entry, true, err);
	if (r == 0)
		r = wait_recorded(&entry, err);
	/* Its monitor may be at that too, or have been killed before it was. */
	if (r == 0)
		r = rt_delete(&engine->rt, entry.id, true, err);
	return r < 0 ? r : entry_remove(&entry, config, err);
}
