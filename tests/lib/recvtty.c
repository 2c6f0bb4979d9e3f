/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recvtty SOCKET [LINE]: listen at SOCKET for a terminal (SCM_RIGHTS), as the caller of
 * `create --console-socket` does. Prints "name NAME", "size ROWSxCOLUMNS" to stderr, then what is
 * written to the terminal to stdout until it hangs up. LINE is typed into it first.
 */
#include <errno.h>
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

static int receive_fd(int conn, char *name, size_t size)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { name, size - 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t n = recvmsg(conn, &msg, 0);
	int fd;

	if (n < 0)
		return -1;
	name[n] = '\0';
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_type != SCM_RIGHTS) {
		errno = EPROTO;
		return -1;
	}
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char name[256] = "", data[4096];
	struct winsize size;
	int sock, conn, tty;
	ssize_t n;

	if (argc < 2 || strlen(argv[1]) >= sizeof(addr.sun_path))
		return 2;
	strcpy(addr.sun_path, argv[1]);
	sock = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(sock, 1) < 0)
		return fail("listen");
	conn = accept(sock, NULL, NULL);
	tty = receive_fd(conn, name, sizeof(name));
	if (tty < 0)
		return fail("receive");
	fprintf(stderr, "name %s\n", name);
	if (ioctl(tty, TIOCGWINSZ, &size) == 0)
		fprintf(stderr, "size %dx%d\n", size.ws_row, size.ws_col);
	if (argc > 2 && (dprintf(tty, "%s\n", argv[2]) < 0))
		return fail("write");
	while ((n = read(tty, data, sizeof(data))) > 0)
		if (write(1, data, (size_t)n) < 0)
			return fail("write");
	return 0;
}
