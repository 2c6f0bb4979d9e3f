/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A monitor's life: the container's birth, one poll loop until its end, and then, in this order:
 * what is left in the pipes goes to the log, the end is written down and the lock released, those
 * who are attached get what they have not read yet and are told, and what the container held is
 * taken apart, when nobody waits for it any more. One who is attached and does not read is waited
 * for after that.
 */
#include "engine/monitor.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/timestamp.h"
#include "engine/message.h"
#include "engine/relay.h"
#include "engine/sources.h"
#include "engine/stack.h"
#include "engine/stack_files.h"
#include "engine/submounts.h"
#include "sys/memory.h"
#include "sys/sock.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define TAKE_APART_MS 100 /* how long one who does not read keeps what the container held */
#define SETTLE_MS     1000 /* one that lives longer is likely to live long */

struct monitor {
	const struct monitor_request *request;
	struct arena birth; /* what is needed until it lives */
	struct rt_create create;
	struct rt_life *life;
	struct status status;
	char started[TIMESTAMP_BYTES], finished[TIMESTAMP_BYTES];
	int64_t kill_at_ms, follow_up_at_ms, settle_at_ms; /* 0: never, or it was done */
	bool is_overdue;
	int lock_fd;
	int listen_fd;    /* where those connect who come later */
	int in_fd;        /* the way in for whoever attaches: a pipe, or the terminal's master */
	int stdio_fds[3]; /* the container's ends */
	struct relay *relay;
	struct stack *stack; /* NULL: it is on no network */
};

/* Who started it is the first to listen. */
static struct relay_listener *starter(const struct monitor *m)
{
	return &m->relay->listeners[0];
}

/* ------------------------------------------------------------------------------- surroundings */

/* A copy of our own, where that is the container's. */
static int copy_stream(const struct monitor *m, enum attach_streams stream, int fd)
{
	return m->request->streams & stream ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
}

/* Nothing of the caller's is kept but what the container's output goes to. */
static int leave_caller(struct monitor *m, struct err *err)
{
	auto_close int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t all;

	(void)setsid();
	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)prctl(PR_SET_NAME, "tare-monitor");
	if (null_fd < 0 || chdir("/") < 0)
		return err_sys(err, errno, "leave the caller's surroundings");
	relay_attach(m->relay, starter(m), copy_stream(m, ATTACH_STDOUT, STDOUT_FILENO),
		     copy_stream(m, ATTACH_STDERR, STDERR_FILENO));
	for (int fd = 0; fd < 2; fd++)
		if (dup2(null_fd, fd) < 0)
			return err_sys(err, errno, "leave the caller's surroundings");
	return 0;
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
	relay_open(m->relay, RELAY_OUT, out_fd);
	relay_open(m->relay, RELAY_ERR, err_fd);
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
	const char *own_path = arena_printf(&m->birth, "%s/containers/%s", request->engine->root,
					    request->config->id);
	struct submounts submounts;
	int r = submounts_find(request->engine, request->config, own_path, &m->birth, &submounts,
			       err);

	place.submounts = &submounts;
	if (r == 0)
		r = spec_make(request->config, &place, &m->birth, ret, err);
	return r < 0 ? r : sources_prepare(request->config, (*ret)->process, err);
}

static int make_root(struct monitor *m, struct err *err)
{
	const struct monitor_request *request = m->request;
	struct oci_spec *spec = request->spec;
	int r = root_mount(request->engine, request->entry, request->config, request->root, err);

	if (r == 0 && !spec)
		r = make_spec(m, &spec, err);
	m->create.spec = spec;
	if (r == 0)
		m->create.filter = spec_filter(request->config, spec, &m->birth);
	return r;
}

static int take_stack(struct monitor *m, struct err *err)
{
	const struct monitor_request *request = m->request;
	int r = stack_take(request->engine, request->entry, request->config, &m->stack, err);
	struct stack_view view = {};

	if (m->stack) {
		m->create.on_network = stack_attach;
		m->create.on_network_arg = m->stack;
		view = stack_view(m->stack);
	}
	return r < 0 ? r : stack_files_write(request->entry, request->config, &view, err);
}

static int give_birth(struct monitor *m, struct err *err)
{
	const struct monitor_request *request = m->request;
	int r = make_root(m, err), master_fd;

	if (r == 0)
		r = take_stack(m, err);
	if (r == 0)
		r = make_stdio(m, err);
	if (r == 0)
		r = entry_listen(request->entry, &m->listen_fd, err);
	if (r == 0)
		r = rt_life_begin(&request->engine->rt, &m->create, &m->life, err);
	close_its_ends(m);
	if (r < 0)
		return r;
	master_fd = rt_life_take_terminal(m->life);
	if (master_fd >= 0) {
		m->in_fd = fcntl(master_fd, F_DUPFD_CLOEXEC, 3);
		relay_open(m->relay, RELAY_OUT, master_fd);
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

/* Is the input to end when the first who has it leaves? Then nobody else may hold the way in. */
static void hand_over_way_in(struct monitor *m)
{
	if (!m->request->config->stdin_once || m->request->config->tty)
		return;
	closep(&m->in_fd);
	m->in_fd = -1;
}

static void announce(struct monitor *m)
{
	(void)message_send(starter(m)->sock_fd, MESSAGE_STARTED, m->status.host_pid, m->in_fd);
	if (m->request->streams)
		hand_over_way_in(m);
	fall_silent();
}

/* What only the birth needed is let go. */
static void leave_birth(struct monitor *m)
{
	for (unsigned i = 0; i < m->request->preserve_fds; i++)
		(void)close(3 + (int)i);
	m->create.spec = NULL;
	m->create.filter = NULL;
	stack_settle(m->stack);
	arena_done(&m->birth);
}

static void set_times(struct monitor *m)
{
	int64_t now_ms = clock_ms();

	m->follow_up_at_ms = m->stack ? now_ms + STACK_GRACE_MS : 0;
	m->settle_at_ms = now_ms + SETTLE_MS;
	if (m->request->config->timeout_s)
		m->kill_at_ms = now_ms + m->request->config->timeout_s * 1000;
}

/* ------------------------------------------------------------------------------- life */

static void welcome(struct monitor *m)
{
	int fd = accept4(m->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		(void)relay_add(m->relay, fd);
}

static void attach_one(struct monitor *m, struct relay_listener *listener, unsigned wishes,
		   int out_fds[static MESSAGE_FDS])
{
	bool wants_in = wishes & MESSAGE_WAY_IN;
	struct log_place log = {};

	relay_attach(m->relay, listener, take_fd(&out_fds[0]), take_fd(&out_fds[1]));
	if (wishes & MESSAGE_LOG)
		log = relay_hold(m->relay, listener);
	(void)message_send_started(listener->sock_fd, m->status.host_pid, &log,
				   wants_in ? m->in_fd : -1);
	if (wants_in)
		hand_over_way_in(m);
}

static void pass_signal(const struct monitor *m, int number)
{
	if (m->status.kind == STATUS_RUNNING)
		(void)syscall(SYS_pidfd_send_signal, rt_life_pidfd(m->life), number, NULL, 0);
}

static void hear(struct monitor *m, size_t i)
{
	struct relay_listener *listener = &m->relay->listeners[i];
	struct message message;
	int fds[MESSAGE_FDS], r = message_receive(listener->sock_fd, &message, fds);

	if (r == 1 && message.kind == MESSAGE_ATTACH) {
		attach_one(m, listener, (unsigned)message.number, fds);
	} else if (r == 1 && message.kind == MESSAGE_CAUGHT_UP) {
		relay_release(listener);
	} else if (r == 1 && message.kind == MESSAGE_SIGNAL) {
		pass_signal(m, message.number);
	} else {
		relay_detach(listener);
		if (r == 1)
			(void)message_send(listener->sock_fd, MESSAGE_DETACHED, 0, -1);
		relay_remove(m->relay, i);
	}
	for (size_t k = 0; k < MESSAGE_FDS; k++)
		closep(&fds[k]);
}

/* The last first: one who goes leaves his place to the last. */
static void hear_all(struct monitor *m, const struct pollfd *fds)
{
	for (size_t i = m->relay->n; i-- > 0;)
		if (relay_speaks(fds, i))
			hear(m, i);
}

static bool falls_due(int64_t *at_ms, int64_t now_ms)
{
	if (!*at_ms || now_ms < *at_ms)
		return false;
	*at_ms = 0;
	return true;
}

/* For poll(2). */
static int ms_until_next(const struct monitor *m, int64_t now_ms)
{
	const int stack_ms = stack_timeout_ms(m->stack, now_ms);
	const int64_t due_ms[] = { m->kill_at_ms, m->follow_up_at_ms, m->settle_at_ms,
				   stack_ms >= 0 ? now_ms + stack_ms : 0 };
	int64_t next_ms = 0;

	for (size_t i = 0; i < sizeof(due_ms) / sizeof(due_ms[0]); i++)
		if (due_ms[i] && (!next_ms || due_ms[i] < next_ms))
			next_ms = due_ms[i];
	if (!next_ms)
		return -1;
	return next_ms - now_ms < INT_MAX ? (int)(next_ms - now_ms) : INT_MAX;
}

/* What has run as long as it may is killed, and a birth that is long past forgotten. Returns how
 * long to wait until something is due. */
static int keep_time(struct monitor *m)
{
	int64_t now_ms = clock_ms();

	if (falls_due(&m->kill_at_ms, now_ms)) {
		m->is_overdue = true;
		pass_signal(m, SIGKILL);
	}
	if (falls_due(&m->follow_up_at_ms, now_ms))
		stack_follow_up(m->stack);
	if (falls_due(&m->settle_at_ms, now_ms))
		memory_give_back();
	return ms_until_next(m, now_ms);
}

/* Until it has ended. */
static void attend(struct monitor *m)
{
	enum { END, CALL, RELAY };
	struct pollfd fds[RELAY + RELAY_POLLS + STACK_POLLS];

	for (;;) {
		size_t n = RELAY + relay_poll(m->relay, fds + RELAY);
		size_t n_stack = stack_poll(m->stack, fds + n);

		fds[END] = (struct pollfd){ rt_life_pidfd(m->life), POLLIN, 0 };
		fds[CALL] = (struct pollfd){ m->listen_fd, POLLIN, 0 };
		if (poll(fds, n + n_stack, keep_time(m)) < 0) {
			if (errno != EINTR)
				return;
			continue;
		}
		stack_step(m->stack, fds + n, n_stack, clock_ms());
		relay_step(m->relay, fds + RELAY);
		hear_all(m, fds + RELAY);
		if (fds[CALL].revents)
			welcome(m);
		if (fds[END].revents)
			return;
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
	static char overdue[] = "killed: it ran for as long as its --timeout allows";
	struct err err = {};

	if (rt_life_wait(m->life, &m->status.exit_code, &err) < 0)
		m->status.error = err.msg;
	if (m->is_overdue && m->status.exit_code == 128 + SIGKILL)
		m->status.error = overdue;
	count_oom_kills(m);
	stack_end(m->stack);
	relay_finish(m->relay);
	timestamp_now(m->finished);
	m->status.kind = STATUS_EXITED;
	m->status.host_pid = 0;
	m->status.finished = m->finished;
	if (m->request->config->auto_remove)
		entry_hide(m->request->entry, m->request->config->name);
	else if (entry_write_status(m->request->entry, &m->status, &err) < 0)
		log_warn("%s", err.msg);
	m->status.error = NULL;
	entry_unlock(m->lock_fd, m->status.exit_code);
}

/* Those who have all that it wrote. */
static void tell_ending(struct monitor *m)
{
	const struct ending ending = { m->status.exit_code, m->status.oom_kills };

	for (size_t i = m->relay->n; i-- > 0;) {
		const struct relay_listener *listener = &m->relay->listeners[i];

		if (relay_is_waiting(m->relay, listener))
			continue;
		(void)message_send_ending(listener->sock_fd, &ending);
		relay_remove(m->relay, i);
	}
}

/* Until all who are attached have taken the rest and were told, or nobody takes anything for so
 * long (-1: for ever). */
static void flush(struct monitor *m, int patience_ms)
{
	struct pollfd fds[RELAY_POLLS];

	for (tell_ending(m); m->relay->n; tell_ending(m)) {
		int n = poll(fds, relay_poll(m->relay, fds), patience_ms);

		if (n == 0 || (n < 0 && errno != EINTR))
			return;
		if (n < 0)
			continue;
		relay_step(m->relay, fds);
		hear_all(m, fds);
	}
}

static void remove_entry(const struct monitor_request *request)
{
	struct err err = {};

	if (request->root->path)
		root_unmount(request->root);
	if (entry_remove(request->entry, request->config, &err) < 0)
		log_warn("%s", err.msg);
}

/* All that it held. */
static void take_apart(struct monitor *m)
{
	struct err err = {};

	closep(&m->listen_fd);
	m->listen_fd = -1;
	if (rt_life_end(m->life, &err) < 0)
		log_warn("%s", err.msg);
	stack_give_back(m->stack);
	if (m->request->config->auto_remove)
		remove_entry(m->request);
	else
		root_unmount(m->request->root);
	closep(&m->lock_fd);
	m->lock_fd = -1;
}

static void record_failure(const struct monitor_request *request, const struct err *failure)
{
	auto_arena struct arena arena = {};
	struct status *status = NULL;
	struct err ignored;

	if (request->root->path)
		root_unmount(request->root);
	if (entry_read_status(request->entry, &arena, &status, &ignored) < 0)
		return;
	if (status->kind != STATUS_CREATED)
		status->kind = STATUS_EXITED;
	status->host_pid = 0;
	status->exit_code = status_of_failure(failure);
	status->error = arena_strdup(&arena, failure->msg);
	if (entry_write_status(request->entry, status, &ignored) == 0 && request->lock_fd >= 0)
		entry_unlock(request->lock_fd, status->exit_code);
}

void monitor_give_up(const struct monitor_request *request, const struct err *failure)
{
	if (request->is_new || entry_is_hidden(request->entry))
		remove_entry(request);
	else
		record_failure(request, failure);
}

static _Noreturn void fail(struct monitor *m, const struct err *failure)
{
	stack_give_back(m->stack);
	monitor_give_up(m->request, failure);
	(void)message_send_failure(starter(m)->sock_fd, failure);
	stack_free(m->stack);
	_exit(1);
}

_Noreturn void monitor_run(const struct monitor_request *request)
{
	static struct relay relay; /* not on the stack: pages not written cost nothing */
	struct monitor m = {
		.request = request,
		.create = { .id = request->config->id,
			    .bundle = request->engine->root,
			    .preserve_fds = request->preserve_fds,
			    .ignore_missing_limits = request->config->ignore_missing_limits },
		.lock_fd = request->lock_fd,
		.listen_fd = -1,
		.in_fd = -1,
		.stdio_fds = { -1, -1, -1 },
		.relay = &relay,
	};
	struct err err = {};

	relay_init(&relay, request->entry, request->config);
	(void)relay_add(&relay, request->sock_fd);
	if (leave_caller(&m, &err) < 0 || give_birth(&m, &err) < 0)
		fail(&m, &err);
	announce(&m);
	leave_birth(&m);
	set_times(&m);
	attend(&m);
	record_end(&m);
	flush(&m, TAKE_APART_MS);
	take_apart(&m);
	flush(&m, -1);
	stack_free(m.stack);
	_exit(0);
}
