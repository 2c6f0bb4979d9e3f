/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "rt/notify.h"
#include "sys/clone.h"
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static char dir[] = "/tmp/tare-notify.XXXXXX";
static int dir_fd = -1;

/* A socket that stands for the service manager's. */
static int host_bind(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	size_t len = strlen(name);

	memcpy(address.sun_path, name, len);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	if (bind(fd, (const struct sockaddr *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		return -1;
	return fd;
}

/* A container that sends `messages` and then lives on for ever, or ends. */
static pid_t container_start(const char *const *messages, bool ends, int *ret_pidfd)
{
	const struct clone_request request = { .cgroup_fd = -1 };
	pid_t pid = clone_process(&request, ret_pidfd);

	if (pid == 0) {
		struct sockaddr_un address = { .sun_family = AF_UNIX };
		int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify/notify.sock",
			       dir);
		for (; *messages; messages++)
			(void)sendto(fd, *messages, strlen(*messages), 0,
				     (const struct sockaddr *)&address, sizeof(address));
		while (!ends)
			(void)pause();
		_exit(0);
	}
	return pid;
}

/* The host has to take the barrier in time: what it receives nowhere is closed. */
static pid_t host_start(int host_fd, int report_fd)
{
	pid_t pid = fork();

	if (pid == 0) {
		char text[256];
		ssize_t n;

		while ((n = recv(host_fd, text, sizeof(text), 0)) > 0) {
			(void)!write(report_fd, text, (size_t)n);
			(void)!write(report_fd, "|", 1);
			if (n >= 7 && memcmp(text, "BARRIER", 7) == 0)
				break;
		}
		_exit(0);
	}
	return pid;
}

static bool relays(const char *host_name)
{
	static const char *const messages[] = { "STATUS=READY=1", "MAINPID=1\nWATCHDOG=trigger",
						"READY=10", "FDSTORE=1\nREADY=1\nMAINPID=1", NULL };
	auto_notify struct notify notify = NOTIFY_NONE;
	auto_close int host_fd = host_bind(host_name), pidfd = -1;
	char got[512] = "", want[128];
	struct err err = {};
	int report[2];
	pid_t host, container;
	bool ok;

	if (!CHECK(host_fd >= 0) || !CHECK(pipe2(report, O_CLOEXEC) == 0) ||
	    !CHECK(notify_open(dir_fd, host_name, &notify, &err) == 0))
		return false;
	host = host_start(host_fd, report[1]);
	container = container_start(messages, false, &pidfd);
	ok = CHECK(notify_relay(&notify, pidfd, container, &err) == 1);
	(void)kill(container, SIGKILL);
	(void)clone_wait(container);
	(void)clone_wait(host);
	(void)!read(report[0], got, sizeof(got) - 1);
	(void)snprintf(want, sizeof(want), "READY=1\nMAINPID=%d\n|BARRIER=1|", (int)container);
	(void)close(report[0]);
	(void)close(report[1]);
	return ok && CHECK_STR(got, want);
}

static bool only_readiness_gets_out(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/host.sock", dir);
	return relays(path);
}

static bool the_host_socket_may_be_abstract(void)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "@%s", dir);
	return relays(name);
}

static bool the_end_of_the_container_ends_the_wait(void)
{
	static const char *const last_words[] = { "STOPPING=1", NULL };
	auto_notify struct notify notify = NOTIFY_NONE;
	auto_close int host_fd = -1, pidfd = -1;
	struct err err = {};
	char path[64];
	pid_t container;
	bool ok;

	(void)snprintf(path, sizeof(path), "%s/host2.sock", dir);
	host_fd = host_bind(path);
	if (!CHECK(notify_open(dir_fd, path, &notify, &err) == 0))
		return false;
	container = container_start(last_words, true, &pidfd);
	ok = CHECK(notify_relay(&notify, pidfd, container, &err) == 0);
	(void)clone_wait(container);
	return ok && CHECK(recv(host_fd, path, sizeof(path), MSG_DONTWAIT) < 0);
}

static bool the_last_words_of_the_container_count(void)
{
	static const char *const last_words[] = { "READY=1", NULL };
	auto_notify struct notify notify = NOTIFY_NONE;
	auto_close int host_fd = -1, pidfd = -1;
	struct err err = {};
	char path[64];
	pid_t container;
	bool ok;

	(void)snprintf(path, sizeof(path), "%s/host3.sock", dir);
	host_fd = host_bind(path);
	if (!CHECK(notify_open(dir_fd, path, &notify, &err) == 0))
		return false;
	container = container_start(last_words, true, &pidfd);
	(void)clone_wait(container);
	/* Nobody reads the barrier: with the host's end closed it is not waited for. */
	(void)close(take_fd(&host_fd));
	ok = CHECK(notify_relay(&notify, pidfd, container, &err) == -ECONNREFUSED);
	return ok && CHECK(strstr(err.msg, "NOTIFY_SOCKET: send"));
}

static bool the_mount_shows_the_directory_read_only(void)
{
	auto_arena struct arena arena = {};
	struct oci_mount mount = notify_mount("/run/tare/c1", &arena);

	return CHECK_STR(mount.source, "/run/tare/c1/notify") &&
	       CHECK_STR(mount.destination, "/run/notify") && CHECK(mount.options.n == 5) &&
	       CHECK_STR(mount.options.v[4], "ro") && CHECK(mount.options.v[5] == NULL);
}

static bool only_local_sockets_count(void)
{
	bool ok = true;

	(void)setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
	ok &= CHECK(!notify_host_socket());
	(void)setenv("NOTIFY_SOCKET", "@", 1);
	ok &= CHECK(!notify_host_socket());
	(void)setenv("NOTIFY_SOCKET", "/run/x", 1);
	ok &= CHECK(notify_host_socket()) && CHECK_STR(notify_host_socket(), "/run/x");
	(void)unsetenv("NOTIFY_SOCKET");
	return ok && CHECK(!notify_host_socket());
}

static int listen_fds(const char *n, const char *pid)
{
	struct err err = {};

	(void)setenv("LISTEN_FDS", n, 1);
	(void)setenv("LISTEN_PID", pid, 1);
	return notify_listen_fds(&err);
}

static bool listen_fds_are_those_meant_for_us(void)
{
	auto_arena struct arena arena = {};
	char **env = notify_listen_env(2, &arena);
	char pid[16];
	int was = fcntl(3, F_DUPFD_CLOEXEC, 4);
	bool ok;

	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	ok = CHECK(dup2(0, 3) == 3) &&
	     CHECK(listen_fds("1", pid) == 1) && CHECK(listen_fds("1", "1") == 0) &&
	     CHECK(listen_fds("-1", pid) == -EINVAL) && CHECK(listen_fds("9999", pid) == -EINVAL) &&
	     CHECK(listen_fds("1000", pid) == -EINVAL) && CHECK(listen_fds("1", "x") == -EINVAL) &&
	     CHECK_STR(env[0], "LISTEN_FDS=2") && CHECK_STR(env[1], "LISTEN_PID=1") &&
	     CHECK(env[2] == NULL);
	/* One of our own, which nobody can have given. */
	ok = ok && CHECK(fcntl(3, F_SETFD, FD_CLOEXEC) == 0) &&
	     CHECK(listen_fds("1", pid) == -EINVAL);
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_PID");
	if (was >= 0)
		(void)dup3(was, 3, O_CLOEXEC);
	(void)close(was >= 0 ? was : 3);
	return ok;
}

int main(void)
{
	struct err err = {};

	if (!mkdtemp(dir))
		return 1;
	(void)setenv("TARE_TEST_DIR", dir, 1);
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (notify_make_dir(dir_fd, &err) < 0)
		return 1;
	TEST(only_readiness_gets_out);
	TEST(the_host_socket_may_be_abstract);
	TEST(the_end_of_the_container_ends_the_wait);
	TEST(the_last_words_of_the_container_count);
	TEST(the_mount_shows_the_directory_read_only);
	TEST(only_local_sockets_count);
	TEST(listen_fds_are_those_meant_for_us);
	(void)!system("rm -rf \"$TARE_TEST_DIR\"");
	return tap_done();
}
