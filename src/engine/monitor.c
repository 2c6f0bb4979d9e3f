/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A monitor's life: the lock, the container's birth, one poll loop until its end, and then, in this
 * order: what is left in the pipes goes to the log, the end is written down and the lock released,
 * the one attached gets what he has not read yet and is told, and what the container held is taken
 * apart, when nobody waits for it any more.
 */
#include "engine/monitor.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/timestamp.h"
#include "engine/message.h"
#include "engine/relay.h"
#include "engine/submounts.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

struct monitor {
	const struct monitor_request *request;
	struct rt_create create;
	struct rt_life *life;
	struct status status;
	char started[TIMESTAMP_BYTES], finished[TIMESTAMP_BYTES];
	int lock_fd, sock_fd;
	int in_fd;        /* the way in for whoever attaches: a pipe, or the terminal's master */
	int stdio_fds[3]; /* the container's ends */
	struct relay_log log;
	struct relay out, err;
};

/* ------------------------------------------------------------------------------- surroundings */

/* Nothing of the caller's is kept but what the container's output goes to. */
static int leave_caller(struct monitor *m, struct err *err)
{
	auto_close int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	const bool is_attached = m->request->is_attached;
	sigset_t all;

	(void)setsid();
	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)prctl(PR_SET_NAME, "tare-monitor");
	if (null_fd < 0 || chdir("/") < 0)
		return err_sys(err, errno, "leave the caller's surroundings");
	m->out.stream.to_fd = is_attached ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : -1;
	m->err.stream.to_fd = is_attached ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3) : -1;
	for (int fd = 0; fd < 2; fd++)
		if (dup2(null_fd, fd) < 0)
			return err_sys(err, errno, "leave the caller's surroundings");
	return entry_lock(m->request->entry, &m->lock_fd, err);
}

static int make_pipe(int *ret_ours, int *ret_its, int its_end, struct err *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "make a pipe");
	*ret_its = fds[its_end];
	*ret_ours = fds[!its_end];
	return 0;
}

/* Pipes, and not what the caller has: of a file or a directory of the host the container could make
 * more than to read and write it. */
static int make_stdio(struct monitor *m, struct err *err)
{
	int out_fd = -1, err_fd = -1, r = 0;

	if (m->request->config->tty)
		return 0;
	if (m->request->config->open_stdin)
		r = make_pipe(&m->in_fd, &m->stdio_fds[0], 0, err);
	else if ((m->stdio_fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0)
		r = err_sys(err, errno, "open '/dev/null'");
	if (r == 0)
		r = make_pipe(&out_fd, &m->stdio_fds[1], 1, err);
	if (r == 0)
		r = make_pipe(&err_fd, &m->stdio_fds[2], 1, err);
	if (r < 0)
		return r;
	m->create.stdio_fds = m->stdio_fds;
	relay_init(&m->out, out_fd, m->out.stream.to_fd, &m->log);
	relay_init(&m->err, err_fd, m->err.stream.to_fd, &m->log);
	return 0;
}

static void close_its_ends(struct monitor *m)
{
	for (int i = 0; i < 3; i++) {
		closep(&m->stdio_fds[i]);
		m->stdio_fds[i] = -1;
	}
}

/* ------------------------------------------------------------------------------- birth */

/* What nobody can see running must not run: rm may have taken the entry away meanwhile, or be at
 * that; whoever does so later sees that it runs. */
static int record_start(struct monitor *m, struct err *err)
{
	struct err ignored;
	int r;

	timestamp_now(m->started);
	m->status = (struct status){ .kind = STATUS_RUNNING, .started = m->started,
				     .host_pid = rt_life_pid(m->life) };
	r = entry_write_status(m->request->entry, &m->status, err);
	if (r == -ENOENT || entry_is_hidden(m->request->entry))
		r = err_set(err, ERR_CONFLICT, ENOENT, "it was removed while it was made");
	if (r < 0)
		(void)rt_life_end(m->life, &ignored);
	return r;
}

static int make_spec(struct monitor *m, struct oci_spec **ret, struct err *err)
{
	const struct monitor_request *request = m->request;
	struct spec_place place = *request->place;
	const char *own_path = arena_printf(request->arena, "%s/containers/%s",
					    request->engine->root, request->config->id);
	struct submounts submounts;
	int r = submounts_find(request->engine, request->config, own_path, request->arena,
			       &submounts, err);

	place.submounts = &submounts;
	if (r == 0)
		r = spec_make(request->config, &place, request->arena, ret, err);
	return r < 0 ? r : spec_make_sources(request->config, err);
}

static int make_root(struct monitor *m, struct err *err)
{
	const struct monitor_request *request = m->request;
	struct oci_spec *spec = request->spec;
	int r = root_mount(request->engine, request->entry, request->config, request->root, err);

	if (r == 0 && !spec)
		r = make_spec(m, &spec, err);
	m->create.spec = spec;
	return r;
}

static int give_birth(struct monitor *m, struct err *err)
{
	const struct monitor_request *request = m->request;
	int r = make_root(m, err), master_fd;

	if (r == 0)
		r = make_stdio(m, err);
	if (r == 0)
		r = rt_life_begin(&request->engine->rt, &m->create, &m->life, err);
	close_its_ends(m);
	if (r < 0)
		return r;
	master_fd = rt_life_take_terminal(m->life);
	if (master_fd >= 0) {
		m->in_fd = fcntl(master_fd, F_DUPFD_CLOEXEC, 3);
		relay_init(&m->out, master_fd, m->out.stream.to_fd, &m->log);
	}
	r = record_start(m, err);
	return r < 0 ? r : rt_life_start(m->life, err);
}

/* Our own messages have nobody to go to any more. */
static void fall_silent(void)
{
	auto_close int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null_fd >= 0)
		(void)dup2(null_fd, STDERR_FILENO);
}

/* Only whoever is attached holds the way in, unless nobody is: then it stays open for who comes. */
static void announce(struct monitor *m)
{
	(void)message_send(m->sock_fd, MESSAGE_STARTED, m->status.host_pid, m->in_fd);
	if (m->request->is_attached && !m->request->config->tty) {
		closep(&m->in_fd);
		m->in_fd = -1;
	}
	fall_silent();
}

/* ------------------------------------------------------------------------------- life */

static void let_go(struct monitor *m)
{
	relay_let_go(&m->out);
	relay_let_go(&m->err);
}

static void hang_up(struct monitor *m)
{
	let_go(m);
	closep(&m->sock_fd);
	m->sock_fd = -1;
}

static void hear(struct monitor *m)
{
	struct message message;
	auto_close int fd = -1;
	int r = message_receive(m->sock_fd, &message, &fd);

	if (r <= 0) {
		hang_up(m);
	} else if (message.kind == MESSAGE_SIGNAL) {
		(void)syscall(SYS_pidfd_send_signal, rt_life_pidfd(m->life), message.number, NULL,
			      0);
	} else if (message.kind == MESSAGE_DETACH) {
		let_go(m);
		(void)message_send(m->sock_fd, MESSAGE_DETACHED, 0, -1);
		hang_up(m);
	}
}

/* Until it has ended. */
static void attend(struct monitor *m)
{
	for (;;) {
		struct pollfd fds[4] = {
			{ .fd = rt_life_pidfd(m->life), .events = POLLIN },
			{ .fd = m->sock_fd, .events = POLLIN },
			relay_poll(&m->out),
			relay_poll(&m->err),
		};

		if (poll(fds, 4, -1) < 0 && errno != EINTR)
			return;
		relay_step(&m->out, &fds[2]);
		relay_step(&m->err, &fds[3]);
		if (fds[1].revents)
			hear(m);
		if (fds[0].revents)
			return;
	}
}

/* All of it is in the log; the one attached takes the rest as he can, while he is there. */
static void flush(struct monitor *m)
{
	while (relay_is_waiting(&m->out) || relay_is_waiting(&m->err)) {
		struct pollfd fds[3] = {
			{ .fd = m->sock_fd, .events = POLLIN },
			relay_poll(&m->out),
			relay_poll(&m->err),
		};

		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return;
		relay_step(&m->out, &fds[1]);
		relay_step(&m->err, &fds[2]);
		if (fds[0].revents)
			hear(m);
	}
}

/* ------------------------------------------------------------------------------- end */

/* Of one that is removed nobody asks later: there it counts only if that may be why it ended. */
static void count_oom_kills(struct monitor *m)
{
	if (!m->request->config->auto_remove || m->status.exit_code == 128 + SIGKILL)
		m->status.oom_kills = rt_life_oom_kills(m->life);
}

/* An auto-removed container is gone for everybody before its end is told: its name is free. */
static void record_end(struct monitor *m)
{
	struct err err = {};

	if (rt_life_wait(m->life, &m->status.exit_code, &err) < 0)
		m->status.error = err.msg;
	count_oom_kills(m);
	relay_finish(&m->out);
	relay_finish(&m->err);
	timestamp_now(m->finished);
	m->status.kind = STATUS_EXITED;
	m->status.host_pid = 0;
	m->status.finished = m->finished;
	if (m->request->config->auto_remove)
		entry_hide(m->request->entry, m->request->config->name);
	else if (entry_write_status(m->request->entry, &m->status, &err) < 0)
		log_warn("%s", err.msg);
	m->status.error = NULL;
	entry_unlock(&m->lock_fd, m->status.exit_code);
}

static void remove_entry(struct monitor *m)
{
	struct err err = {};

	root_unmount(m->request->root);
	if (entry_remove(m->request->entry, m->request->config, &err) < 0)
		log_warn("%s", err.msg);
}

static _Noreturn void fail(struct monitor *m, const struct err *failure)
{
	remove_entry(m);
	(void)message_send_failure(m->sock_fd, failure);
	_exit(1);
}

_Noreturn void monitor_run(const struct monitor_request *request)
{
	struct monitor m = {
		.request = request,
		.create = { .id = request->config->id,
			    .bundle = request->engine->root,
			    .ignore_missing_limits = request->config->ignore_missing_limits },
		.lock_fd = -1,
		.sock_fd = request->sock_fd,
		.in_fd = -1,
		.stdio_fds = { -1, -1, -1 },
		.log = { .entry = request->entry, .fd = -1 },
	};
	struct err err = {};

	relay_init(&m.out, -1, -1, &m.log);
	relay_init(&m.err, -1, -1, &m.log);
	if (leave_caller(&m, &err) < 0 || give_birth(&m, &err) < 0)
		fail(&m, &err);
	announce(&m);
	attend(&m);
	record_end(&m);
	flush(&m);
	if (m.sock_fd >= 0)
		(void)message_send_ending(m.sock_fd, &(struct ending){ m.status.exit_code,
								       m.status.oom_kills });
	hang_up(&m);
	(void)rt_life_end(m.life, &err);
	if (request->config->auto_remove)
		remove_entry(&m);
	_exit(0);
}
