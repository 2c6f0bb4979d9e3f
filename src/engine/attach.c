/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One poll loop over the process's end, our signals, our standard input, and what a child writes.
 * The terminal is restored on every way out.
 */
#include "engine/attach.h"

#include "base/cleanup.h"
#include "base/stream.h"
#include "engine/attach_log.h"
#include "engine/container.h"
#include "engine/message.h"
#include "sys/signals.h"
#include "sys/tty.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>

struct attach {
	const struct attach_request *request;
	struct detach_keys keys;
	struct tty tty;
	int in_fd;
	struct stream in;      /* from our standard input */
	struct stream outs[2]; /* to our standard output and error */
	bool has_left;
};

void attach_done(struct attach_request *request)
{
	int *fds[] = { &request->sock_fd, &request->pidfd, &request->out_fds[0],
		       &request->out_fds[1], &request->signal_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		closep(fds[i]);
		*fds[i] = -1;
	}
}

int attach_wait_started(int sock_fd, int *ret_in_fd, struct log_place *ret_log, struct err *err)
{
	struct message message;
	int fds[MESSAGE_FDS], r = message_receive(sock_fd, &message, fds);

	if (r == 0)
		return err_set(err, ERR_SYSTEM, ECONNRESET,
			       "the container's monitor died before it could start it");
	if (r < 0)
		return err_sys(err, -r, "hear from the container's monitor");
	closep(&fds[1]);
	*ret_in_fd = fds[0];
	if (message.kind == MESSAGE_FAILED) {
		*err = message.err;
		return -err->no;
	}
	if (ret_log)
		*ret_log = message.log;
	return 0;
}

int attach_call(const struct entry *entry, struct attach_request *request, int *ret_in_fd,
		struct log_place *ret_log, struct err *err)
{
	static const int out_fds[] = { STDOUT_FILENO, STDERR_FILENO };
	unsigned wishes = request->has_stdin || request->has_tty ? MESSAGE_WAY_IN : 0;
	int r = entry_call(entry, &request->sock_fd, err);

	wishes |= request->has_log ? MESSAGE_LOG : 0;
	if (r == -ECONNREFUSED || r == -ENOENT)
		return err_set(err, ERR_CONFLICT, ESRCH,
			       "nobody attends the container: its monitor ended, or was killed");
	if (r == 0)
		r = message_send_attach(request->sock_fd, wishes, out_fds);
	if (r < 0)
		return err->no ? r : err_sys(err, -r, "speak to the container's monitor");
	r = attach_wait_started(request->sock_fd, ret_in_fd, ret_log, err);
	return r < 0 ? err_wrap(err, "attach") : 0;
}

/* ------------------------------------------------------------------------------- input */

/* An end of input is passed on; a terminal has none. */
static void close_in(struct attach *a)
{
	closep(&a->in_fd);
	a->in_fd = -1;
	a->in.is_open = false;
}

/* A monitor is told, and answers when it writes nothing more to our standard output. */
static void leave(struct attach *a)
{
	a->has_left = true;
	close_in(a);
	if (a->request->sock_fd >= 0)
		(void)message_send(a->request->sock_fd, MESSAGE_DETACH, 0, -1);
}

/* Typed keys, less those that leave; what is passed on is put back into the stream. */
static void filter(struct attach *a)
{
	char passed[sizeof(a->in.bytes)];
	bool detach;
	size_t n = detach_keys_filter(&a->keys, a->in.bytes, a->in.end, passed, &detach);

	_Static_assert(DETACH_KEYS_MAX <= STREAM_ROOM, "what was held back fits");
	memcpy(a->in.bytes, passed, n);
	a->in.end = n;
	if (detach)
		leave(a);
}

static void step_in(struct attach *a, const struct pollfd *polled)
{
	bool fills = a->in.start == a->in.end;

	if (polled->fd < 0 || !polled->revents)
		return;
	stream_step(&a->in, polled);
	if (fills && a->tty.is_raw)
		filter(a);
	if (!stream_has_ended(&a->in) || a->in_fd < 0)
		return;
	if (a->request->has_stdin_only)
		leave(a);
	else if (!a->request->has_tty)
		close_in(a);
}

/* ------------------------------------------------------------------------------- signals */

static bool ends_us(int number)
{
	return number == SIGHUP || number == SIGINT || number == SIGQUIT || number == SIGTERM;
}

/* Returns the signal if it ends us alone, else 0. */
static int take_signal(struct attach *a, int number)
{
	if (number == SIGWINCH) {
		if (a->request->has_tty && a->in_fd >= 0)
			tty_copy_size(STDIN_FILENO, a->in_fd);
		return 0;
	}
	if (!a->request->sig_proxy)
		return ends_us(number) ? number : 0;
	if (a->request->sock_fd >= 0)
		(void)message_send(a->request->sock_fd, MESSAGE_SIGNAL, number, -1);
	else
		(void)syscall(SYS_pidfd_send_signal, a->request->pidfd, number, NULL, 0);
	return 0;
}

static int take_signals(struct attach *a)
{
	struct signalfd_siginfo info;
	int number = 0;

	while (!number && read(a->request->signal_fd, &info, sizeof(info)) == sizeof(info))
		number = take_signal(a, (int)info.ssi_signo);
	return number;
}

/* ------------------------------------------------------------------------------- the end */

/* What a child wrote before it ended is still in its pipes; what others hold open is not waited
 * for. */
static void finish(struct stream *s)
{
	while (!stream_has_ended(s)) {
		struct pollfd fd = stream_poll(s);

		if (poll(&fd, 1, s->start < s->end ? -1 : 0) <= 0)
			return;
		stream_step(s, &fd);
	}
}

static int hear_child(struct attach *a)
{
	for (size_t i = 0; i < 2; i++)
		finish(&a->outs[i]);
	return ATTACH_ENDED;
}

/* An outcome, or -EAGAIN: it goes on. */
static int hear_monitor(struct attach *a, struct ending *ret, struct err *err)
{
	struct message message;
	int fds[MESSAGE_FDS], r = message_receive(a->request->sock_fd, &message, fds);

	if (r == 0)
		return err_set(err, ERR_SYSTEM, ECONNRESET, "the container's monitor was killed");
	if (r < 0)
		return err_sys(err, -r, "hear from the container's monitor");
	for (size_t i = 0; i < MESSAGE_FDS; i++)
		closep(&fds[i]);
	if (message.kind == MESSAGE_DETACHED)
		return ATTACH_LEFT;
	if (message.kind != MESSAGE_EXITED)
		return -EAGAIN;
	*ret = (struct ending){ message.number, message.oom_kills };
	return ATTACH_ENDED;
}

static int hear(struct attach *a, struct ending *ret, struct err *err)
{
	return a->request->sock_fd >= 0 ? hear_monitor(a, ret, err) : hear_child(a);
}

/* ------------------------------------------------------------------------------- the loop */

static int loop(struct attach *a, struct ending *ret, struct err *err)
{
	const struct attach_request *request = a->request;
	int end_fd = request->sock_fd >= 0 ? request->sock_fd : request->pidfd;

	for (;;) {
		struct pollfd fds[5] = {
			{ .fd = end_fd, .events = POLLIN },
			{ .fd = request->signal_fd, .events = POLLIN },
			stream_poll(&a->in),
			stream_poll(&a->outs[0]),
			stream_poll(&a->outs[1]),
		};
		int r;

		if (poll(fds, 5, -1) < 0 && errno != EINTR)
			return err_sys(err, errno, "wait for the container");
		r = fds[1].revents ? take_signals(a) : 0;
		if (r > 0) {
			*ret = (struct ending){ .exit_code = 128 + r };
			return ATTACH_KILLED;
		}
		if (!a->has_left)
			step_in(a, &fds[2]);
		if (a->has_left && request->sock_fd < 0)
			return ATTACH_LEFT;
		stream_step(&a->outs[0], &fds[3]);
		stream_step(&a->outs[1], &fds[4]);
		if (!fds[0].revents)
			continue;
		r = hear(a, ret, err);
		if (r != -EAGAIN)
			return r;
	}
}

int attach_run(const struct attach_request *request, int in_fd, struct ending *ret,
	       struct err *err)
{
	struct attach a = { .request = request, .keys = request->keys, .tty = TTY_NONE,
			    .in_fd = in_fd };
	bool has_in = request->has_stdin && in_fd >= 0;
	int r;

	stream_init(&a.in, has_in ? STDIN_FILENO : -1, has_in ? in_fd : -1);
	stream_init(&a.outs[0], request->out_fds[0], STDOUT_FILENO);
	stream_init(&a.outs[1], request->out_fds[1], STDERR_FILENO);
	(void)signal(SIGPIPE, SIG_IGN);
	if (request->has_tty && in_fd >= 0) {
		tty_copy_size(STDIN_FILENO, in_fd);
		if (request->has_stdin)
			tty_make_raw(&a.tty, STDIN_FILENO);
	}
	r = loop(&a, ret, err);
	tty_restore(&a.tty);
	closep(&a.in_fd);
	return r;
}

/* What can be known before its monitor is called. */
static int prepare(const struct engine_attach *request, const struct engine_container *container,
		   struct attach_request *attach, struct err *err)
{
	int r = 0;

	if (container->status->kind != STATUS_RUNNING)
		return container_not_running(container->status->kind, err);
	attach->has_tty = container->config->tty;
	attach->has_stdin = container->config->open_stdin && !request->no_stdin;
	attach->sig_proxy = request->sig_proxy;
	attach->has_log = request->with_log;
	if (attach->has_tty && attach->has_stdin && !isatty(STDIN_FILENO))
		r = err_set(err, ERR_USAGE, ENOTTY, "standard input is not a terminal, and the "
			    "container's is: use --no-stdin");
	if (r == 0 && request->with_log)
		r = container_check_log(container->config, err);
	return r < 0 ? r : signals_open(&attach->signal_fd, err);
}

int engine_attach(const struct engine *engine, const struct engine_attach *request,
		  struct ending *ret, struct err *err)
{
	auto_cleanup(attach_done) struct attach_request attach = ATTACH_NONE;
	auto_entry struct entry entry = ENTRY_NONE;
	auto_arena struct arena arena = {};
	struct engine_container container;
	struct log_place log;
	int in_fd = -1, r = detach_keys_parse(request->detach_keys, &attach.keys, err);

	if (r == 0)
		r = engine_get(engine, request->who, &arena, &container, err);
	if (r == 0)
		r = prepare(request, &container, &attach, err);
	if (r == 0)
		r = entry_open_id(engine, container.config->id, &entry, err);
	if (r == 0)
		r = attach_call(&entry, &attach, &in_fd, &log, err);
	if (r == 0 && attach.has_log)
		r = attach_log(&entry, container.config, &log, attach.sock_fd, err);
	return r < 0 ? r : attach_run(&attach, in_fd, ret, err);
}
