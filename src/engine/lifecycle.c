/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals for a container, and its removal. How one is ended is engine/stop.c's, and how its end is
 * awaited engine/wait.c's.
 */
#include "engine/container.h"
#include "engine/message.h"
#include "engine/stack.h"

#include "base/cleanup.h"
#include "sys/signals.h"

#include <signal.h>
#include <sys/syscall.h>

static int open_running(const struct engine *engine, const struct entry *entry, int *ret_pidfd,
			struct err *err)
{
	auto_arena struct arena arena = {};
	struct status *status = NULL;
	int r = container_status(engine, entry, &arena, &status, err);

	if (r < 0)
		return r;
	if (status->kind != STATUS_RUNNING && status->kind != STATUS_PAUSED)
		return container_not_running(status->kind, err);
	return rt_pidfd_open(&engine->rt, entry->id, ret_pidfd, err);
}

/* It may end between the two looks, and be taken apart. */
int container_open_process(const struct engine *engine, const struct entry *entry,
			   int *ret_pidfd, struct err *err)
{
	int r = open_running(engine, entry, ret_pidfd, err);

	if (r == -ENOENT)
		r = open_running(engine, entry, ret_pidfd, err);
	if (r == -ENOENT && entry_is_hidden(entry))
		r = container_not_running(STATUS_EXITED, err);
	return r;
}

int container_signal(int pidfd, int signal, struct err *err)
{
	if (syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0 || errno == ESRCH)
		return 0;
	return err_sys(err, errno, "send signal %d to it", signal);
}

int container_stop_signal(const struct config *config)
{
	return config->stop_signal ? signals_parse(config->stop_signal) : SIGTERM;
}

/* ------------------------------------------------------------------------------- kill */

/* A signal that is to end it must reach it, so it is let go on; others wait until it does. */
static bool is_final(const struct entry *entry, int signal)
{
	auto_arena struct arena arena = {};
	struct config *config = NULL;
	struct err ignored;

	return signal == SIGKILL || (entry_read_config(entry, &arena, &config, &ignored) == 0 &&
				     signal == container_stop_signal(config));
}

int engine_kill(const struct engine *engine, const char *who, int signal, struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_close int pidfd = -1;
	int r = entry_open(engine, who, &entry, err);

	if (r == 0)
		r = container_open_process(engine, &entry, &pidfd, err);
	if (r == 0)
		r = container_signal(pidfd, signal, err);
	if (r == 0 && is_final(&entry, signal))
		container_go_on(engine, &entry);
	return r;
}

/* ------------------------------------------------------------------------------- remove */

/* Its state may be gone from below the runtime: only its monitor knows its process then. */
static void ask_monitor(const struct entry *entry)
{
	auto_close int sock_fd = -1;
	struct err ignored;

	if (entry_call(entry, &sock_fd, &ignored) == 0)
		(void)message_send(sock_fd, MESSAGE_SIGNAL, SIGKILL, -1);
}

/* By its id: it may be hidden already. What stop can't end, the runtime will. */
static int end_for_removal(const struct engine *engine, const struct entry *entry, bool force,
			   struct err *err)
{
	struct engine_stop stop = { .who = entry->id, .signal = SIGKILL, .timeout_s = -1 };
	auto_arena struct arena arena = {};
	struct status *status = NULL;
	int r = container_status(engine, entry, &arena, &status, err);

	if (r == 0 && status->kind != STATUS_RUNNING && status->kind != STATUS_PAUSED)
		return 0;
	if (!force)
		return r < 0 ? r
			     : err_set(err, ERR_CONFLICT, EBUSY, "the container is %s",
				       status_name(status->kind));
	engine_stop_all(engine, &stop, 1);
	if (stop.r < 0)
		ask_monitor(entry);
	return 0;
}

/* Until its monitor has recorded its end; one that was killed records none. */
static int await_end(const struct entry *entry, struct err *err)
{
	auto_close int monitor_fd = -1;
	int r = entry_open_monitor(entry, &monitor_fd, err);

	if (r == 0)
		r = entry_await(monitor_fd, err);
	return r < 0 && r != -ESRCH && r != -ENOENT ? r : 0;
}

/* One that is being made is removed when it is, and not while somebody fills it. */
static void await_made(const struct entry *entry)
{
	auto_close int hold_fd = -1;
	struct err ignored;

	if (entry_is_hidden(entry))
		(void)entry_hold(entry, &hold_fd, &ignored);
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

	if (r < 0)
		return r;
	await_made(&entry);
	r = end_for_removal(engine, &entry, force, err);
	if (r < 0)
		return r;
	/* One whose configuration can't be read has at least its id. */
	(void)entry_read_config(&entry, &arena, &config, &damaged);
	entry_hide(&entry, config ? config->name : NULL);
	r = end_for_removal(engine, &entry, true, err);
	if (r == 0)
		r = await_end(&entry, err);
	/* Its monitor may be at that too, or have been killed before it was. */
	if (r == 0)
		r = rt_delete(&engine->rt, entry.id, true, err);
	if (r < 0)
		return r;
	stack_clear(engine, &entry, config);
	return entry_remove(&entry, config, err);
}
