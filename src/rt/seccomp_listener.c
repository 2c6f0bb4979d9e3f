/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handing a filter's listener to the agent that answers its notifications: connect to the agent's
 * socket and send one message, the container process state with the descriptor attached.
 *
 * The agent is a program of the host's administrator, but it may be stuck: what does not fit the
 * socket's buffer waits for it no longer than AGENT_TIMEOUT_S.
 */
#include "rt/seccomp.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "oci/json_text.h"
#include "sys/sock.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define AGENT_TIMEOUT_S 10
#define SPEC_VERSION	"1.3.0"

/* config-linux.md, "The Container Process State". */
static void process_state_format(const struct oci_seccomp *profile, const char *state_json,
				 int host_pid, struct buf *out)
{
	buf_printf(out, "{\"ociVersion\":\"%s\",\"fds\":[\"seccompFd\"],\"pid\":%d,", SPEC_VERSION,
		   host_pid);
	if (profile->listener_metadata) {
		buf_puts(out, "\"metadata\":");
		json_text_quote(out, profile->listener_metadata);
		buf_puts(out, ",");
	}
	buf_printf(out, "\"state\":%s}", state_json);
}

/* The descriptor goes with the first byte; a long text may need several sends. */
static int agent_send(int fd, const struct buf *text, int listener_fd, struct err *err)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct iovec iov = { .iov_base = text->data, .iov_len = text->len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof(control.bytes) };

	control.head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
					 .cmsg_type = SCM_RIGHTS,
					 .cmsg_len = CMSG_LEN(sizeof(int)) };
	memcpy(CMSG_DATA(&control.head), &listener_fd, sizeof(int));
	while (iov.iov_len > 0) {
		ssize_t n = sendmsg(fd, &msg, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "send to seccomp agent");
		iov.iov_base = (char *)iov.iov_base + n;
		iov.iov_len -= (size_t)n;
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
	}
	return 0;
}

int seccomp_send_listener(const struct oci_seccomp *profile, const char *state_json, int host_pid,
			  int listener_fd, struct err *err)
{
	auto_buf struct buf text = {};
	const struct timeval limit = { .tv_sec = AGENT_TIMEOUT_S };
	auto_close int fd = -1;
	int r = sock_connect(profile->listener_path, SOCK_STREAM, &fd, err);

	if (r < 0)
		return err_wrap(err, "seccomp agent '%s'", profile->listener_path);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	process_state_format(profile, state_json, host_pid, &text);
	return agent_send(fd, &text, listener_fd, err);
}
