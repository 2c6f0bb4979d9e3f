/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccompd SOCKET: what stands at linux.seccomp.listenerPath. Takes one connection, writes the
 * message to stdout and the number of descriptors to stderr, then answers every system call that is
 * notified with EDOM (33), so that a test sees that it was asked.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int answer(int fd)
{
	struct seccomp_notif req;
	struct seccomp_notif_resp resp;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		if (poll(&p, 1, -1) < 0 || !(p.revents & POLLIN))
			return 0;
		memset(&req, 0, sizeof(req));
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &req) < 0)
			return errno == ENOENT ? 0 : fail("receive");
		memset(&resp, 0, sizeof(resp));
		resp.id = req.id;
		resp.error = -EDOM;
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &resp) < 0 && errno != ENOENT)
			return fail("send");
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char control[CMSG_SPACE(sizeof(int) * 8)], data[65536];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int sock, conn, fd;
	ssize_t n;

	if (argc != 2 || strlen(argv[1]) >= sizeof(addr.sun_path))
		return 2;
	strcpy(addr.sun_path, argv[1]);
	sock = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(sock, 1) < 0)
		return fail("listen");
	conn = accept(sock, NULL, NULL);
	n = recvmsg(conn, &msg, 0);
	if (n < 0)
		return fail("recvmsg");
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return fail("no descriptors");
	fprintf(stderr, "%zu\n", (c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	if (write(1, data, (size_t)n) < 0)
		return fail("write");
	close(1);
	close(conn);
	return answer(fd);
}
