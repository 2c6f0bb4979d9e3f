/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between two datagram sockets. The container is not trusted with the host's: there it could name
 * another main process, extend its timeouts or store descriptors. So it gets a socket of ours, from
 * which one fact is taken: READY=1. The message that goes on is made here.
 *
 * The barrier after it (sd_notify_barrier(3)) is a pipe's end that the host closes once it has
 * handled what came before; without it we might be gone before the host looks who sent.
 */
#include "rt/notify.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "sys/sock.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define DIR_NAME       "notify"
#define SOCKET_NAME    "notify.sock"
#define BARRIER_MS     5000
#define MAX_LISTEN_FDS 1024

const char *notify_host_socket(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path && (path[0] == '/' || path[0] == '@') && path[1] ? path : NULL;
}

int notify_make_dir(int state_dir_fd, struct err *err)
{
	if (mkdirat(state_dir_fd, DIR_NAME, 0755) < 0)
		return err_sys(err, errno, "make the directory of the notify socket");
	/* Whatever our umask: the container's users must get through. */
	if (fchmodat(state_dir_fd, DIR_NAME, 0755, 0) < 0)
		return err_sys(err, errno, "set the mode of the notify socket's directory");
	return 0;
}

struct oci_mount notify_mount(const char *state_dir, struct arena *arena)
{
	static const char *const options[] = { "bind", "nosuid", "noexec", "nodev", "ro", NULL };
	const size_t n = sizeof(options) / sizeof(*options) - 1;
	struct oci_mount mount = {
		.destination = arena_strdup(arena, "/run/notify"),
		.source = arena_printf(arena, "%s/" DIR_NAME, state_dir),
		.type = arena_strdup(arena, "bind"),
		.options = { .v = arena_array(arena, char *, n + 1), .n = n },
	};

	for (size_t i = 0; i < n; i++)
		mount.options.v[i] = arena_strdup(arena, options[i]);
	return mount;
}

void notify_done(struct notify *notify)
{
	closep(&notify->host_fd);
	closep(&notify->container_fd);
	*notify = (struct notify)NOTIFY_NONE;
}

/* ---------------------------------------------------------------------------- opening */

static int abstract_connect(const char *name, int *ret_fd, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(name); /* with the '@' that stands for NUL */
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_sys(err, errno, "socket");
	if (len > sizeof(address.sun_path))
		return err_sys(err, ENAMETOOLONG, "connect to socket '%s'", name);
	memcpy(address.sun_path + 1, name + 1, len - 1);
	if (connect(fd, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		return err_sys(err, errno, "connect to socket '%s'", name);
	*ret_fd = take_fd(&fd);
	return 0;
}

static int socket_bind(int dir_fd, int *ret_fd, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return err_sys(err, errno, "socket");
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/" SOCKET_NAME,
		       dir_fd);
	/* A start that failed may have left one. */
	(void)unlinkat(dir_fd, SOCKET_NAME, 0);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return err_sys(err, errno, "bind the notify socket");
	if (fchmodat(dir_fd, SOCKET_NAME, 0777, 0) < 0)
		return err_sys(err, errno, "set the mode of the notify socket");
	*ret_fd = take_fd(&fd);
	return 0;
}

int notify_open(int state_dir_fd, const char *host_socket, struct notify *ret_notify,
		struct err *err)
{
	auto_notify struct notify notify = NOTIFY_NONE;
	auto_close int dir_fd =
		openat(state_dir_fd, DIR_NAME, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (dir_fd < 0)
		return err_sys(err, errno, "open the notify socket's directory");
	r = host_socket[0] == '@' ? abstract_connect(host_socket, &notify.host_fd, err)
				  : sock_connect(host_socket, SOCK_DGRAM, &notify.host_fd, err);
	if (r == 0)
		r = socket_bind(dir_fd, &notify.container_fd, err);
	if (r < 0)
		return err_wrap(err, "NOTIFY_SOCKET");

	*ret_notify = notify;
	notify = (struct notify)NOTIFY_NONE;
	return 0;
}

/* ---------------------------------------------------------------------------- relaying */

static bool says_ready(const char *text)
{
	static const char ready[] = "READY=1";
	const size_t len = sizeof(ready) - 1;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, ready, len) == 0 && (line[len] == '\n' || line[len] == '\0'))
			return true;
	}
	return false;
}

/* One datagram. Descriptors that came with it are not taken: nobody asked for any. */
static bool container_is_ready(int fd)
{
	char text[4096];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (n <= 0)
		return false;
	text[n] = '\0';
	return says_ready(text);
}

static void barrier_wait(int host_fd)
{
	static const char barrier[] = "BARRIER=1";
	struct pollfd end = { .events = 0 }; /* POLLHUP comes unasked */
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	end.fd = fds[0];
	if (sock_send(host_fd, barrier, sizeof(barrier) - 1, fds[1]) == 0) {
		(void)close(fds[1]);
		(void)poll(&end, 1, BARRIER_MS);
	} else {
		(void)close(fds[1]);
	}
	(void)close(fds[0]);
}

static int host_tell(int host_fd, pid_t host_pid, struct err *err)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "READY=1\nMAINPID=%d\n", (int)host_pid);
	int r = sock_send(host_fd, text, (size_t)n, -1);

	if (r < 0)
		return err_sys(err, -r, "NOTIFY_SOCKET: send");
	barrier_wait(host_fd);
	return 1;
}

int notify_relay(const struct notify *notify, int pidfd, pid_t host_pid, struct err *err)
{
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = notify->container_fd, .events = POLLIN },
			{ .fd = pidfd, .events = POLLIN },
		};

		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(err, errno, "poll");
		}
		if (fds[0].revents && container_is_ready(notify->container_fd))
			return host_tell(notify->host_fd, host_pid, err);
		if (!fds[0].revents && fds[1].revents)
			return 0;
	}
}

/* ---------------------------------------------------------------------------- LISTEN_FDS */

/* What is close-on-exec did not come with us, but is ours. */
static bool was_given(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC);
}

int notify_listen_fds(struct err *err)
{
	const char *count = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	uint32_t n, for_pid;

	if (!count || !pid)
		return 0;
	if (num_parse_u32(pid, &for_pid) < 0 || num_parse_u32(count, &n) < 0 || n > MAX_LISTEN_FDS)
		return err_set(err, ERR_USAGE, EINVAL, "LISTEN_FDS=%s, LISTEN_PID=%s: no numbers",
			       count, pid);
	if (for_pid != (uint32_t)getpid())
		return 0;
	for (int fd = 3; fd < 3 + (int)n; fd++)
		if (!was_given(fd))
			return err_set(err, ERR_USAGE, EINVAL,
				       "LISTEN_FDS=%s: descriptor %d is not open", count, fd);
	return (int)n;
}

char **notify_listen_env(int n, struct arena *arena)
{
	char **env = arena_array(arena, char *, 3);

	env[0] = arena_printf(arena, "LISTEN_FDS=%d", n);
	env[1] = arena_strdup(arena, "LISTEN_PID=1");
	return env;
}
