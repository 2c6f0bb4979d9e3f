/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exchange of rt/sync.h: one message, one step. Both sides use this room; what runs in the
 * child formats and allocates nothing.
 */
#include "rt/sync.h"

#include "base/cleanup.h"
#include "sys/sock.h"

#include <string.h>

static const struct {
	const char *name, *meaning;
} steps[SYNC_STEP_MAX_] = {
#define X(name, from, meaning) [SYNC_##name] = { #name, meaning },
	SYNC_STEPS(X)
#undef X
};

int sync_send(int sock_fd, enum sync_step step, int fd)
{
	struct sync_msg msg = { .step = step };

	return sock_send(sock_fd, &msg, sizeof(msg), fd);
}

int sync_send_enter(int sock_fd, uint32_t number, const int *fds, size_t n)
{
	struct sync_msg msg = { .step = SYNC_ENTER, .number = number };

	return sock_send_fds(sock_fd, &msg, sizeof(msg), fds, n);
}

int sync_expect_enter(int sock_fd, uint32_t *ret_number, int *ret_fds, size_t cap)
{
	struct sync_msg msg;
	ssize_t n = sock_receive_fds(sock_fd, &msg, sizeof(msg), ret_fds, cap);

	if (n <= 0)
		return n < 0 ? (int)n : -ECONNRESET;
	if (n != sizeof(msg) || msg.step != SYNC_ENTER || msg.err.no)
		return -EPROTO;
	*ret_number = msg.number;
	return 0;
}

void sync_send_failure(int sock_fd, const struct err *failure)
{
	struct sync_msg msg = { .step = SYNC_STEP_MAX_, .err = *failure };

	(void)sock_send(sock_fd, &msg, sizeof(msg), -1);
}

/* The child's error as a sentence. It is not trusted to end its string. */
static int adopt_failure(struct sync_msg *msg, struct err *err)
{
	int r;

	msg->err.msg[sizeof(msg->err.msg) - 1] = '\0';
	r = err_sys(err, msg->err.no, "%s", msg->err.msg);
	if (msg->err.kind < ERR_KIND_MAX_)
		err->kind = msg->err.kind;
	return r;
}

static const char *step_name(uint32_t step)
{
	return step < SYNC_STEP_MAX_ ? steps[step].name : "an unknown step";
}

static int check_step(struct sync_msg *msg, ssize_t n, enum sync_step step, struct err *err)
{
	if (n == sizeof(*msg) && msg->err.no > 0)
		return adopt_failure(msg, err);
	if (n != sizeof(*msg) || msg->step != step)
		return err_set(err, ERR_SYSTEM, EPROTO,
			       "expected %s, not %s, from the container's first process",
			       steps[step].name,
			       step_name(n == sizeof(*msg) ? msg->step : UINT32_MAX));
	return 0;
}

/* Who dies without having heard us out resets the connection; but what it said before, such as what
 * it died of, is still there to be read. */
static ssize_t hear(int sock_fd, struct sync_msg *msg, int *ret_fd)
{
	ssize_t n = sock_receive(sock_fd, msg, sizeof(*msg), ret_fd);

	if (n != -ECONNRESET)
		return n;
	n = sock_receive(sock_fd, msg, sizeof(*msg), ret_fd);
	return n > 0 ? n : -ECONNRESET;
}

int sync_wait(int sock_fd, enum sync_step step, int *ret_fd, struct err *err)
{
	auto_close int fd = -1;
	struct sync_msg msg;
	ssize_t n = hear(sock_fd, &msg, &fd);
	int r;

	if (n == 0 || n == -ECONNRESET)
		return err_set(err, ERR_SYSTEM, ECONNRESET,
			       "the container's first process died before it could say '%s'",
			       steps[step].meaning);
	if (n < 0)
		return err_sys(err, (int)-n, "hear from the container's first process");
	r = check_step(&msg, n, step, err);
	if (r == 0 && ret_fd)
		*ret_fd = take_fd(&fd);
	return r;
}

int sync_wait_running(int sock_fd, int *ret_number, struct err *err)
{
	auto_close int fd = -1;
	struct sync_msg msg;
	ssize_t n = hear(sock_fd, &msg, &fd);
	int r;

	if (n == 0)
		return 0;
	if (n == -ECONNRESET)
		return err_set(err, ERR_CONFLICT, ECONNRESET,
			       "the container died, or was started by another");
	if (n < 0)
		return err_sys(err, (int)-n, "hear from the container's first process");
	r = check_step(&msg, n, SYNC_LISTENER, err);
	if (r < 0)
		return r;
	*ret_number = (int)msg.number;
	return 1;
}

int sync_send_listener(int sock_fd, int number)
{
	struct sync_msg msg = { .step = SYNC_LISTENER, .number = (uint32_t)number };

	return write(sock_fd, &msg, sizeof(msg)) < 0 ? -errno : 0;
}

int sync_expect(int sock_fd, enum sync_step step)
{
	struct sync_msg msg;
	int fd;
	ssize_t n = sock_receive(sock_fd, &msg, sizeof(msg), &fd);

	if (fd >= 0)
		(void)close(fd);
	if (n == 0)
		return -ECONNRESET;
	if (n < 0)
		return (int)n;
	return n == sizeof(msg) && msg.step == step && msg.err.no == 0 ? 0 : -EPROTO;
}
