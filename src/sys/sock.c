/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AF_UNIX. A socket's address holds 108 bytes only; /proc/self/fd/N/NAME names any place shortly,
 * and reaches what the descriptor is, whatever its path has become.
 */
#include "sys/sock.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int make_address(int dir_fd, const char *name, struct sockaddr_un *ret)
{
	int n;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/%s", dir_fd, name);
	return n < 0 || (size_t)n >= sizeof(ret->sun_path) ? -ENAMETOOLONG : 0;
}

static int open_socket(int dir_fd, const char *name, int type, struct sockaddr_un *address,
		       struct err *err)
{
	int fd, r = make_address(dir_fd, name, address);

	if (r < 0)
		return err_sys(err, -r, "socket '%s'", name);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	return fd < 0 ? err_sys(err, errno, "make a socket") : fd;
}

int sock_listen_at(int dir_fd, const char *name, int type, int *ret_fd, struct err *err)
{
	struct sockaddr_un address;
	auto_close int fd = open_socket(dir_fd, name, type, &address, err);

	if (fd < 0)
		return fd;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return err_sys(err, errno, "bind socket '%s'", name);
	if (listen(fd, 8) < 0)
		return err_sys(err, errno, "listen on socket '%s'", name);
	*ret_fd = take_fd(&fd);
	return 0;
}

int sock_connect_at(int dir_fd, const char *name, int type, int *ret_fd, struct err *err)
{
	/* Who listens and never accepts must not hold us for ever. */
	static const struct timeval patience = { .tv_sec = 10 };
	struct sockaddr_un address;
	auto_close int fd = open_socket(dir_fd, name, type, &address, err);

	if (fd < 0)
		return fd;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return err_sys(err, errno, "connect to socket '%s'", name);
	*ret_fd = take_fd(&fd);
	return 0;
}

int sock_connect(const char *path, int type, int *ret_fd, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char parent[4096] = ".";
	auto_close int dir_fd = -1;

	if (slash) {
		size_t len = slash == path ? 1 : (size_t)(slash - path);

		if (len >= sizeof(parent))
			return err_sys(err, ENAMETOOLONG, "socket '%s'", path);
		memcpy(parent, path, len);
		parent[len] = '\0';
	}
	dir_fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return err_sys(err, errno, "open '%s'", parent);
	return sock_connect_at(dir_fd, slash ? slash + 1 : path, type, ret_fd, err);
}

union fd_cargo {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(SOCK_FDS_MAX * sizeof(int))];
};

int sock_send_fds(int sock_fd, const void *bytes, size_t len, const int *fds, size_t n)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union fd_cargo cargo;
	ssize_t sent;

	if (n > SOCK_FDS_MAX)
		return -EMSGSIZE;
	if (n) {
		msg.msg_control = &cargo;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		cargo.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(n * sizeof(int)),
						 .cmsg_level = SOL_SOCKET,
						 .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&cargo.header), fds, n * sizeof(int));
	}
	do
		sent = sendmsg(sock_fd, &msg, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* Keep the first `cap` descriptors, close what else came. Returns how many came. */
static size_t take_cargo(struct msghdr *msg, int *ret_fds, size_t cap)
{
	size_t came = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		for (size_t i = 0; c->cmsg_type == SCM_RIGHTS && i < n; i++, came++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (came < cap)
				ret_fds[came] = fd;
			else
				(void)close(fd);
		}
	}
	return came;
}

ssize_t sock_receive_fds(int sock_fd, void *bytes, size_t len, int *ret_fds, size_t cap)
{
	struct iovec iov = { .iov_base = bytes, .iov_len = len };
	union fd_cargo cargo;
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &cargo,
			      .msg_controllen = sizeof(cargo) };
	size_t came;
	ssize_t n;

	for (size_t i = 0; i < cap; i++)
		ret_fds[i] = -1;
	do
		n = recvmsg(sock_fd, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	came = take_cargo(&msg, ret_fds, cap);
	if (came <= cap && !(msg.msg_flags & (MSG_CTRUNC | MSG_TRUNC)))
		return n;
	for (size_t i = 0; i < cap; i++) {
		closep(&ret_fds[i]);
		ret_fds[i] = -1;
	}
	return -EMSGSIZE;
}

int sock_send(int sock_fd, const void *bytes, size_t len, int fd)
{
	return sock_send_fds(sock_fd, bytes, len, &fd, fd >= 0);
}

ssize_t sock_receive(int sock_fd, void *bytes, size_t len, int *ret_fd)
{
	return sock_receive_fds(sock_fd, bytes, len, ret_fd, 1);
}
