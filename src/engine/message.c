/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between a monitor and those who are attached: each is one packet.
 */
#include "engine/message.h"

#include "base/cleanup.h"
#include "sys/sock.h"

static int send(int sock_fd, struct message message, const int *fds, size_t n)
{
	message.version = MESSAGE_VERSION;
	return sock_send_fds(sock_fd, &message, sizeof(message), fds, n);
}

int message_send(int sock_fd, enum message_kind kind, int32_t number, int fd)
{
	return send(sock_fd, (struct message){ .kind = kind, .number = number }, &fd, fd >= 0);
}

int message_send_attach(int sock_fd, unsigned wishes, const int out_fds[static MESSAGE_FDS])
{
	return send(sock_fd,
		    (struct message){ .kind = MESSAGE_ATTACH, .number = (int32_t)wishes }, out_fds,
		    MESSAGE_FDS);
}

int message_send_started(int sock_fd, pid_t host_pid, const struct log_place *log, int in_fd)
{
	return send(sock_fd,
		    (struct message){ .kind = MESSAGE_STARTED, .number = host_pid, .log = *log },
		    &in_fd, in_fd >= 0);
}

int message_send_ending(int sock_fd, const struct ending *ending)
{
	return send(sock_fd,
		    (struct message){ .kind = MESSAGE_EXITED,
				      .number = ending->exit_code,
				      .oom_kills = ending->oom_kills },
		    NULL, 0);
}

int message_send_failure(int sock_fd, const struct err *failure)
{
	return send(sock_fd, (struct message){ .kind = MESSAGE_FAILED, .err = *failure }, NULL, 0);
}

static bool is_ours(const struct message *message, ssize_t len)
{
	return len == sizeof(*message) && message->version == MESSAGE_VERSION &&
	       message->kind < MESSAGE_KIND_MAX_;
}

int message_receive(int sock_fd, struct message *ret, int ret_fds[static MESSAGE_FDS])
{
	ssize_t n = sock_receive_fds(sock_fd, ret, sizeof(*ret), ret_fds, MESSAGE_FDS);

	if (n > 0 && is_ours(ret, n)) {
		ret->err.msg[sizeof(ret->err.msg) - 1] = '\0';
		ret->err.hint[sizeof(ret->err.hint) - 1] = '\0';
		return 1;
	}
	for (size_t i = 0; i < MESSAGE_FDS; i++) {
		closep(&ret_fds[i]);
		ret_fds[i] = -1;
	}
	if (n <= 0)
		return n == 0 || n == -ECONNRESET ? 0 : (int)n;
	return -EPROTO;
}
