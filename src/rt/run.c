/* SPDX-License-Identifier: Apache-2.0 */
/*
 * create and run: a birth, and then either leaving the child to wait for `start`, or saying GO at
 * once and attending it to its end.
 */
#include "rt/run.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "rt/birth.h"
#include "rt/delete.h"
#include "rt/start.h"
#include "rt/terminal.h"
#include "sys/clone.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

/* Descriptors that are to be passed on must be there before any of ours can take their place. One
 * that is close-on-exec did not come with us: it is ours, such as the log's, and stays ours. */
int run_check_preserved(unsigned n, struct err *err)
{
	for (unsigned i = 0; i < n; i++) {
		int flags = fcntl(3 + (int)i, F_GETFD);

		if (flags < 0 || (flags & FD_CLOEXEC))
			return err_sys(err, EBADF, "--preserve-fds %u: descriptor %u", n, 3 + i);
	}
	return 0;
}

/* Who asks for a terminal must say where its outside end goes, unless we keep it. */
static int check_terminal(const struct rt_create *create, bool is_attended, struct err *err)
{
	bool terminal = create->spec->process->terminal;

	if (terminal && !create->console_socket && !is_attended)
		return err_set(err, ERR_USAGE, EINVAL,
			       "process.terminal: needs a --console-socket when detached");
	if (!terminal && create->console_socket)
		return err_set(err, ERR_USAGE, EINVAL,
			       "--console-socket: process.terminal is not set");
	return 0;
}

int run_write_pid_file(const char *path, pid_t host_pid, struct err *err)
{
	auto_free char *temporary = NULL;
	auto_buf struct buf text = {};
	auto_close int fd = -1;
	int r;

	if (asprintf(&temporary, "%s.new", path) < 0)
		return err_sys(err, ENOMEM, "pid file '%s'", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_sys(err, errno, "pid file '%s'", path);
	buf_printf(&text, "%d", (int)host_pid);
	r = buf_write_fd(&text, fd, path, err);
	if (r == 0 && rename(temporary, path) < 0)
		r = err_sys(err, errno, "pid file '%s'", path);
	if (r < 0)
		(void)unlink(temporary);
	return r;
}

/* What callers wait for: the terminal, then the pid file. */
static int hand_out(struct birth *b, struct err *err)
{
	const struct rt_create *create = b->create;
	int r = 0;

	if (create->console_socket) {
		r = terminal_send(create->console_socket, b->terminal_fd, err);
		closep(&b->terminal_fd);
		b->terminal_fd = -1;
	}
	if (b->terminal_fd >= 0)
		terminal_take_size(b->terminal_fd);
	if (r == 0 && create->pid_file)
		r = run_write_pid_file(create->pid_file, b->host_pid, err);
	return r;
}

int run_create(struct birth *b, bool waits_on_socket, bool is_attended, struct err *err)
{
	int r = run_check_preserved(b->create->preserve_fds, err);

	if (r == 0)
		r = check_terminal(b->create, is_attended, err);
	if (r == 0)
		r = birth_give(b, waits_on_socket, err);
	if (r < 0)
		return r;
	r = hand_out(b, err);
	if (r < 0)
		birth_undo(b);
	return r;
}

int rt_create(const struct rt *rt, const struct rt_create *create, struct err *err)
{
	auto_birth struct birth b;

	birth_init(&b, rt, create);
	return run_create(&b, true, false, err);
}

/* ------------------------------------------------------------------------------ run */

/* A service that is attended must be heard while it is: by a child of ours. */
static int wait_ready_aside(const struct start *start, struct err *err)
{
	struct clone_request request = { .cgroup_fd = -1 };
	auto_close int pidfd = -1;
	struct err ignored;
	pid_t pid;

	if (start->notify.container_fd < 0)
		return 0;
	pid = clone_process(&request, &pidfd);
	if (pid == 0)
		_exit(start_wait_ready(start, &ignored) < 0);
	return pid < 0 ? err_sys(err, -pid, "clone a process") : 0;
}

int run_start(struct birth *b, struct err *err)
{
	struct rt_state state = {
		.id = b->record.id,
		.oci_version = b->record.oci_version,
		.bundle = b->record.bundle,
		.rootfs = b->record.rootfs,
		.host_pid = b->host_pid,
		.annotations = b->record.annotations,
	};
	struct start start = { .spec = b->spec, .state = &state, .sock_fd = b->sync_fd,
			       .pidfd = b->c.pidfd, .dir_fd = b->c.dir.dir_fd };
	int r = start_container(&start, err);

	if (r == 0)
		r = b->create->detach ? start_wait_ready(&start, err)
				      : wait_ready_aside(&start, err);
	start_done(&start);
	if (r < 0)
		birth_undo(b);
	return r;
}

int run_exit_status(int wait_status)
{
	if (WIFSIGNALED(wait_status))
		return 128 + WTERMSIG(wait_status);
	return WEXITSTATUS(wait_status);
}

int run_remove(struct birth *b, struct err *err)
{
	b->is_reserved = false;
	b->c.status = RT_STOPPED;
	closep(&b->c.pidfd);
	b->c.pidfd = -1;
	return b->create->keep ? 0 : delete_container(&b->c, err);
}

static int attend(struct birth *b, int *ret_status, struct err *err)
{
	int status, r = terminal_attend(b->c.pidfd, b->terminal_fd, err);

	if (r < 0)
		return r;
	status = clone_wait(b->host_pid);
	if (status < 0)
		return err_sys(err, -status, "wait for the container");
	*ret_status = run_exit_status(status);
	return run_remove(b, err);
}

int rt_run(const struct rt *rt, const struct rt_create *create, int *ret_status, struct err *err)
{
	auto_birth struct birth b;
	int r;

	birth_init(&b, rt, create);
	r = run_create(&b, false, !create->detach, err);
	if (r < 0)
		return r;
	r = run_start(&b, err);
	if (r < 0)
		return r;
	*ret_status = 0;
	if (create->detach)
		return 0;
	r = attend(&b, ret_status, err);
	if (r < 0)
		birth_undo(&b); /* unless it has ended and its end failed: that is left to delete */
	return r;
}
