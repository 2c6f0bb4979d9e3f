/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between a monitor and those who are attached: each is one packet.
 */
#include "engine/message.h"

#include "base/cleanup.h"
#include "sys/sock.h"

#include <string.h>

int message_send(int sock_fd, enum message_kind kind, int32_t number, int fd)
{
	const struct message message = { .kind = kind, .number = number };

	return sock_send(sock_fd, &message, sizeof(message), fd);
}

int message_send_ending(int sock_fd, const struct ending *ending)
{
	const struct message message = { .kind = MESSAGE_EXITED, .number = ending->exit_code,
					 .oom_kills = ending->oom_kills };

	return sock_send(sock_fd, &message, sizeof(message), -1);
}

int message_send_failure(int sock_fd, const struct err *failure)
{
	const struct message message = { .kind = MESSAGE_FAILED, .err = *failure };

	return sock_send(sock_fd, &message, sizeof(message), -1);
}

int message_receive(int sock_fd, struct message *ret, int *ret_fd)
{
	auto_close int fd = -1;
	ssize_t n = sock_receive(sock_fd, ret, sizeof(*ret), &fd);

	*ret_fd = -1;
	if (n <= 0)
		return n == 0 || n == -ECONNRESET ? 0 : (int)n;
	if (n != sizeof(*ret) || ret->kind >= MESSAGE_KIND_MAX_)
		return -EPROTO;
	ret->err.msg[sizeof(ret->err.msg) - 1] = '\0';
	ret->err.hint[sizeof(ret->err.hint) - 1] = '\0';
	*ret_fd = take_fd(&fd);
	return 1;
}
