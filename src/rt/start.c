/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a created container. The child waits on a socket in the state directory; for `run` it is
 * the parent's own pair.
 */
#include "rt/start.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "rt/delete.h"
#include "rt/join.h"
#include "rt/seccomp.h"
#include "rt/sync.h"
#include "sys/sock.h"

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static void format_state(const struct start *start, enum rt_status status, struct buf *out)
{
	struct rt_state state = *start->state;

	state.status = status;
	rt_state_format(&state, out);
}

/* These are the container's programs: our process there must not show our executable. */
static int run_start_hooks(const struct start *start, struct err *err)
{
	auto_buf struct buf state = {};
	struct join_guard guard = { .root_fd = -1 };
	struct hook_context ctx;
	int r;

	if (!start->spec->hooks || !start->spec->hooks->start_container.n)
		return 0;
	r = join_hide_executable(err);
	if (r < 0)
		return r;
	format_state(start, RT_CREATED, &state);
	ctx = (struct hook_context){ .state_json = buf_str(&state) };
	join_context(&ctx, start->pidfd, start->spec, &guard);
	return hooks_run(&start->spec->hooks->start_container, "startContainer", &ctx, err);
}

static void run_poststart_hooks(const struct start *start)
{
	auto_buf struct buf state = {};
	struct hook_context ctx = { .pidfd = -1 };
	struct err err = {};

	if (!start->spec->hooks || !start->spec->hooks->poststart.n)
		return;
	format_state(start, RT_RUNNING, &state);
	ctx.state_json = buf_str(&state);
	if (hooks_run_all(&start->spec->hooks->poststart, "poststart", &ctx, &err) < 0)
		log_warn("start %s: %s", start->state->id, err.msg);
}

/* The filter is loaded and waits for its agent. */
static int pass_listener(const struct start *start, int number, struct err *err)
{
	auto_close int listener_fd = (int)syscall(SYS_pidfd_getfd, start->pidfd, number, 0);
	auto_buf struct buf state = {};
	int r;

	if (listener_fd < 0)
		return err_sys(err, errno, "linux.seccomp: take the listener from the container");
	format_state(start, RT_CREATED, &state);
	r = seccomp_send_listener(start->spec->linux_->seccomp, buf_str(&state),
				  start->state->host_pid, listener_fd, err);
	if (r == 0 && sync_send(start->sock_fd, SYNC_LISTENING, -1) < 0)
		r = err_set(err, ERR_SYSTEM, EPIPE, "the container died while it was started");
	return r;
}

int start_say_go(const struct start *start, struct err *err)
{
	if (sync_send(start->sock_fd, SYNC_GO, -1) < 0)
		return err_set(err, ERR_CONFLICT, EPIPE,
			       "the container died before it was started");
	return 0;
}

int start_see_running(const struct start *start, struct err *err)
{
	int number, r;

	r = sync_wait_running(start->sock_fd, &number, err);
	if (r <= 0)
		return r;
	r = pass_listener(start, number, err);
	return r < 0 ? r : sync_wait_running(start->sock_fd, &number, err);
}

/* The socket must be there before the container looks for it. */
static int open_notify(struct start *start, struct err *err)
{
	const char *host_socket = notify_host_socket();
	int r;

	start->notify = (struct notify)NOTIFY_NONE;
	if (!host_socket)
		return 0;
	r = notify_open(start->dir_fd, host_socket, &start->notify, err);
	return r == -ENOENT ? 0 : r;
}

int start_wait_ready(const struct start *start, struct err *err)
{
	int r;

	if (start->notify.container_fd < 0)
		return 0;
	r = notify_relay(&start->notify, start->pidfd, start->state->host_pid, err);
	return r < 0 ? r : 0;
}

void start_done(struct start *start)
{
	notify_done(&start->notify);
}

int start_container(struct start *start, struct err *err)
{
	int r = open_notify(start, err);

	if (r == 0)
		r = run_start_hooks(start, err);
	if (r == 0)
		r = start_say_go(start, err);
	if (r == 0)
		r = start_see_running(start, err);
	if (r == 0)
		run_poststart_hooks(start);
	return r;
}

/* One starter at a time, so that one set of hooks runs. The kernel lets go when we end. */
static int lock_start(const struct container *c, struct err *err)
{
	if (flock(c->dir.dir_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK ? err_set(err, ERR_CONFLICT, EBUSY,
					      "the container is being started by another")
				    : err_sys(err, errno, "lock the container");
}

static int connect_to_child(struct container *c, int *ret_fd, struct err *err)
{
	int r = sock_connect_at(c->dir.dir_fd, RECORD_START_SOCKET, SOCK_SEQPACKET, ret_fd, err);

	if (r == -ENOENT || r == -ECONNREFUSED)
		return err_set(err, ERR_CONFLICT, EBUSY, "the container is started already");
	return r;
}

/* What can't be started, because of a hook for one, ends: it is stopped, and left to `delete`. */
static void stop(const struct container *c)
{
	struct err ignored;

	if (delete_kill_first(c, &ignored) < 0)
		log_warn("start %s: %s", c->record->id, ignored.msg);
}

int rt_start(const struct rt *rt, const char *id, struct err *err)
{
	auto_container struct container c;
	auto_close int sock_fd = -1;
	struct oci_spec *spec = NULL;
	struct start start;
	int r;

	container_init(&c, rt);
	r = container_open(&c, id, err);
	if (r < 0)
		return r;
	if (c.status != RT_CREATED)
		return err_set(err, ERR_CONFLICT, EBUSY, "the container is %s, not created",
			       rt_status_name(c.status));
	r = lock_start(&c, err);
	if (r == 0)
		r = record_read_spec(&c.dir, &c.arena, &spec, err);
	if (r == 0)
		r = connect_to_child(&c, &sock_fd, err);
	if (r < 0)
		return r;
	start = (struct start){ .spec = spec, .state = container_state(&c), .sock_fd = sock_fd,
				.pidfd = c.pidfd, .dir_fd = c.dir.dir_fd };
	r = start_container(&start, err);
	if (r < 0)
		stop(&c);
	record_mark_started(&c.dir);
	if (r == 0)
		r = start_wait_ready(&start, err);
	start_done(&start);
	return r;
}
