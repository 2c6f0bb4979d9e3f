/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running hooks, one after the other, without ever being at their mercy.
 *
 *	we                          joiner                        hook
 *	clone ------------------->  setsid, setns
 *	poll pidfd, output          fork (pid namespace only) -->  before_exec, exec
 *	                            wait, end as it ended  <-----  end
 *	reap, drain what is there
 *
 * Without a pid namespace to join, joiner and hook are the same process.
 *
 * The state is in a memfd, not a pipe: a hook that does not read it can't block us, and there is no
 * SIGPIPE. Of the output only the end is kept; a descendant that keeps the pipe open after the hook
 * has ended is not waited for, as only the pidfd decides. What fails before exec comes back as a
 * `struct report` in a pipe of its own, read only once the child is gone.
 */
#include "rt/hooks.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "sys/clone.h"
#include "sys/signals.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define OUTPUT_KEPT 4096
#define DRAIN_READS 32 /* after the end: a descendant may go on writing for ever */

enum report_step { REPORT_NONE, REPORT_SETUP, REPORT_JOIN, REPORT_FORK, REPORT_GUARD, REPORT_EXEC };

static const char *const report_words[] = {
	[REPORT_SETUP] = "prepare", [REPORT_JOIN] = "join the container's namespaces",
	[REPORT_FORK] = "fork",	    [REPORT_GUARD] = "protect it",
	[REPORT_EXEC] = "exec",
};

struct report {
	int step; /* enum report_step */
	int no;
};

/* The end of what was written. */
struct tail {
	char bytes[OUTPUT_KEPT];
	size_t len;
};

struct running {
	pid_t host_pid;
	int pidfd, output_fd, report_fd;
	int64_t deadline_ns; /* CLOCK_MONOTONIC; INT64_MAX: none */
	struct tail tail;
};

static void running_done(struct running *running)
{
	closep(&running->pidfd);
	closep(&running->output_fd);
	closep(&running->report_fd);
}
#define auto_running auto_cleanup(running_done)

/* ---------------------------------------------------------------------------- the hook's side */

struct start {
	const struct oci_hook *hook;
	const struct hook_context *ctx;
	int stdin_fd, output_fd, report_fd;
};

_Noreturn static void fail(const struct start *start, enum report_step step, int no)
{
	const struct report report = { .step = step, .no = no };

	(void)!write(start->report_fd, &report, sizeof(report));
	_exit(127);
}

/* Our own descriptors are all close-on-exec; what we were started with may not be. */
static void stdio_set(const struct start *start)
{
	if (dup2(start->stdin_fd, STDIN_FILENO) < 0 || dup2(start->output_fd, STDOUT_FILENO) < 0 ||
	    dup2(start->output_fd, STDERR_FILENO) < 0)
		fail(start, REPORT_SETUP, errno);
	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		fail(start, REPORT_SETUP, errno);
}

_Noreturn static void hook_exec(const struct start *start)
{
	const struct oci_hook *hook = start->hook;
	char *no_env[] = { NULL }, *path_alone[] = { hook->path, NULL };
	int r = start->ctx->before_exec ? start->ctx->before_exec(start->ctx->before_exec_arg) : 0;

	if (r < 0)
		fail(start, REPORT_GUARD, -r);
	(void)execve(hook->path, hook->args.n > 0 ? hook->args.v : path_alone,
		     hook->env.n > 0 ? hook->env.v : no_env);
	fail(start, REPORT_EXEC, errno);
}

/* Wait for the process inside the pid namespace, and end in the way it did. */
_Noreturn static void joiner_wait(const struct start *start, pid_t ns_child)
{
	int status = clone_wait(ns_child);

	if (status < 0)
		fail(start, REPORT_FORK, -status);
	if (WIFSIGNALED(status)) {
		const struct rlimit no_core = {};

		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)raise(WTERMSIG(status));
		_exit(128 + WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

/* Until exec we hold descriptors that are no business of anybody in there. */
static void namespaces_join(const struct start *start)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		fail(start, REPORT_SETUP, errno);
	if (setns(start->ctx->pidfd, (int)start->ctx->ns_flags) < 0)
		fail(start, REPORT_JOIN, errno);
}

_Noreturn static void child_run(const struct start *start)
{
	pid_t ns_child;

	if (signals_reset() < 0 || setsid() < 0)
		fail(start, REPORT_SETUP, errno);
	stdio_set(start);
	if (start->ctx->ns_flags)
		namespaces_join(start);
	if (!(start->ctx->ns_flags & CLONE_NEWPID))
		hook_exec(start);

	ns_child = fork();
	if (ns_child < 0)
		fail(start, REPORT_FORK, errno);
	if (ns_child == 0)
		hook_exec(start);
	joiner_wait(start, ns_child);
}

/* ---------------------------------------------------------------------------- starting */

static int64_t deadline_of(const struct oci_hook *hook)
{
	int64_t now = clock_ns();

	if (!hook->timeout_s.is_set || hook->timeout_s.value > (INT64_MAX - now) / 1000000000ll)
		return INT64_MAX;
	return now + hook->timeout_s.value * 1000000000ll;
}

static int state_open(const char *state_json, int *ret_fd, struct err *err)
{
	auto_close int fd = memfd_create("state", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
	size_t len = strlen(state_json);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("state", MFD_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "memfd_create");
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(fd, state_json + done, len - done, (off_t)done);

		if (n < 0 && errno != EINTR)
			return err_sys(err, errno, "write the state");
		done += n > 0 ? (size_t)n : 0;
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

/* The reading end does not block. */
static int pipe_open(int *ret_read_fd, int *ret_write_fd, struct err *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "pipe");
	*ret_read_fd = fds[0];
	*ret_write_fd = fds[1];
	if (fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0)
		return err_sys(err, errno, "set a pipe non-blocking");
	return 0;
}

static int hook_start(const struct oci_hook *hook, const struct hook_context *ctx,
		      struct running *running, struct err *err)
{
	const struct clone_request request = { .cgroup_fd = -1 };
	auto_close int stdin_fd = -1, output_fd = -1, report_fd = -1;
	int r = state_open(ctx->state_json, &stdin_fd, err);

	if (r == 0)
		r = pipe_open(&running->output_fd, &output_fd, err);
	if (r == 0)
		r = pipe_open(&running->report_fd, &report_fd, err);
	if (r < 0)
		return r;

	running->deadline_ns = deadline_of(hook);
	running->host_pid = clone_process(&request, &running->pidfd);
	if (running->host_pid == 0) {
		const struct start start = { hook, ctx, stdin_fd, output_fd, report_fd };

		child_run(&start);
	}
	if (running->host_pid < 0)
		return err_sys(err, -running->host_pid, "fork");
	return 0;
}

/* ---------------------------------------------------------------------------- waiting */

static void tail_add(struct tail *tail, const char *bytes, size_t n)
{
	size_t excess;

	if (n > sizeof(tail->bytes)) {
		bytes += n - sizeof(tail->bytes);
		n = sizeof(tail->bytes);
	}
	excess = tail->len + n > sizeof(tail->bytes) ? tail->len + n - sizeof(tail->bytes) : 0;
	memmove(tail->bytes, tail->bytes + excess, tail->len - excess);
	memcpy(tail->bytes + tail->len - excess, bytes, n);
	tail->len += n - excess;
}

/* One read. Returns whether there was anything; at the end of file the descriptor is closed. */
static bool output_take(struct running *running)
{
	char bytes[OUTPUT_KEPT];
	ssize_t n = running->output_fd < 0 ? -1 : read(running->output_fd, bytes, sizeof(bytes));

	if (n > 0)
		tail_add(&running->tail, bytes, (size_t)n);
	if (n == 0) {
		closep(&running->output_fd);
		running->output_fd = -1;
	}
	return n > 0;
}

static int remaining_ms(const struct running *running)
{
	int64_t left_ns = running->deadline_ns - clock_ns();

	if (running->deadline_ns == INT64_MAX)
		return -1;
	if (left_ns <= 0)
		return 0;
	return left_ns / 1000000 < 60000 ? (int)(left_ns / 1000000) + 1 : 60000;
}

/* Until it has ended; false when the deadline came first. */
static bool hook_watch(struct running *running)
{
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = running->pidfd, .events = POLLIN },
			{ .fd = running->output_fd, .events = POLLIN },
		};
		int ms = remaining_ms(running);

		if (poll(fds, 2, ms) < 0 && errno != EINTR)
			return false;
		if (fds[0].revents)
			return true;
		if (fds[1].revents)
			(void)output_take(running);
		if (ms == 0)
			return false;
	}
}

/* It may not have become a group's leader yet, so it is killed by itself as well. */
static void hook_kill(const struct running *running)
{
	(void)kill(-running->host_pid, SIGKILL);
	(void)kill(running->host_pid, SIGKILL);
	(void)kill(-running->host_pid, SIGKILL);
}

/* ---------------------------------------------------------------------------- the verdict */

/* The last line with anything in it, as plain text. "" when nothing was written. */
static void tail_last_line(const struct tail *tail, char *line, size_t size)
{
	size_t end = tail->len, start, n;

	while (end > 0 && (unsigned char)tail->bytes[end - 1] <= ' ')
		end--;
	start = end;
	while (start > 0 && tail->bytes[start - 1] != '\n')
		start--;
	n = end - start < size ? end - start : size - 1;
	memcpy(line, tail->bytes + start, n);
	line[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
}

static int failure_describe(const struct running *running, int status, struct err *err)
{
	char line[256];
	const char *how = WIFSIGNALED(status) ? "killed by signal" : "exited with status";
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);

	tail_last_line(&running->tail, line, sizeof(line));
	return err_set(err, ERR_SYSTEM, ECHILD, "%s %d%s%s", how, number, *line ? ": " : "", line);
}

static int hook_end(struct running *running, bool in_time, const struct oci_hook *hook,
		    struct err *err)
{
	struct report report = {};
	int status;

	if (!in_time)
		hook_kill(running);
	status = clone_wait(running->host_pid);
	for (int i = 0; i < DRAIN_READS && output_take(running); i++)
		;
	if (!in_time)
		return err_set(err, ERR_SYSTEM, ETIMEDOUT, "killed at its timeout of %lld s",
			       (long long)hook->timeout_s.value);
	if (status < 0)
		return err_sys(err, -status, "wait");
	if (read(running->report_fd, &report, sizeof(report)) == sizeof(report))
		return err_sys(err, report.no, "%s", report_words[report.step]);
	return status == 0 ? 0 : failure_describe(running, status, err);
}

static int hook_check(const struct oci_hook *hook, struct err *err)
{
	if (hook->path[0] != '/')
		return err_set(err, ERR_USAGE, EINVAL, "the path is not absolute");
	if (hook->timeout_s.is_set && hook->timeout_s.value <= 0)
		return err_set(err, ERR_USAGE, EINVAL, "the timeout %lld is not positive",
			       (long long)hook->timeout_s.value);
	return 0;
}

static int hook_run(const struct oci_hook *hook, const char *kind, const struct hook_context *ctx,
		    struct err *err)
{
	auto_running struct running running = { .pidfd = -1, .output_fd = -1, .report_fd = -1 };
	int r = hook_check(hook, err);

	if (r == 0)
		r = hook_start(hook, ctx, &running, err);
	if (r == 0)
		r = hook_end(&running, hook_watch(&running), hook, err);
	return r < 0 ? err_wrap(err, "%s hook '%s'", kind, hook->path) : 0;
}

int hooks_run(const struct oci_hook_list *list, const char *kind, const struct hook_context *ctx,
	      struct err *err)
{
	for (size_t i = 0; i < list->n; i++) {
		int r = hook_run(&list->v[i], kind, ctx, err);

		if (r < 0)
			return r;
	}
	return 0;
}

int hooks_run_all(const struct oci_hook_list *list, const char *kind,
		  const struct hook_context *ctx, struct err *err)
{
	int first = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct err later = {};
		int r = hook_run(&list->v[i], kind, ctx, first ? &later : err);

		if (r < 0 && first == 0)
			first = r;
	}
	return first;
}
