/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/clone.h"

#include "sys/ns.h"
#include "tap.h"
#include "tmpdir.h"

#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

static const struct clone_request plain = { .cgroup_fd = -1 };

static bool the_child_is_a_copy_with_a_pidfd(void)
{
	auto_close int pidfd = -1;
	int in_child = 1, status;
	pid_t pid = clone_process(&plain, &pidfd);
	struct pollfd ended;

	if (pid == 0)
		_exit(in_child == 1 && pidfd == -1 ? 42 : 1);
	ended = (struct pollfd){ .fd = pidfd, .events = POLLIN };
	return CHECK(pid > 0) && CHECK(pidfd >= 0) && CHECK(fcntl(pidfd, F_GETFD) == FD_CLOEXEC) &&
	       CHECK(poll(&ended, 1, 10000) == 1) && CHECK((status = clone_wait(pid)) >= 0) &&
	       CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42) &&
	       CHECK(clone_wait(pid) == -ECHILD);
}

static bool waiting_tells_a_signal(void)
{
	auto_close int pidfd = -1;
	pid_t pid = clone_process(&plain, &pidfd);
	int status;

	if (pid == 0) {
		(void)raise(SIGKILL);
		_exit(0);
	}
	status = clone_wait(pid);
	return CHECK(status > 0) && CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void interrupted(int signal_number)
{
	(void)signal_number;
}

static bool waiting_goes_on_after_a_signal(void)
{
	const struct sigaction action = { .sa_handler = interrupted };
	auto_close int pidfd = -1;
	pid_t pid, parent = getpid();
	int status;

	(void)sigaction(SIGUSR1, &action, NULL);
	pid = clone_process(&plain, &pidfd);
	if (pid == 0) {
		for (int i = 0; i < 50; i++) {
			(void)kill(parent, SIGUSR1);
			(void)poll(NULL, 0, 1);
		}
		_exit(3);
	}
	status = clone_wait(pid);
	return CHECK(status >= 0) && CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

static bool namespaces_come_with_the_child(void)
{
	const struct clone_request request = { .flags = CLONE_NEWUSER | CLONE_NEWUTS,
					       .cgroup_fd = -1 };
	auto_close int pidfd = -1, ours_fd = -1, theirs_fd = -1, mount_fd = -1, our_mount_fd = -1;
	struct ns_id ours = {}, theirs = {}, mount = {}, our_mount = {};
	struct err err = {};
	pid_t pid = clone_process(&request, &pidfd);
	bool ok;

	if (pid == 0) {
		(void)pause();
		_exit(0);
	}
	ok = CHECK(pid > 0) && CHECK(ns_open(getpid(), NS_UTS, &ours_fd, &err) == 0) &&
	     CHECK(ns_open(pid, NS_UTS, &theirs_fd, &err) == 0) &&
	     CHECK(ns_open(getpid(), NS_MOUNT, &our_mount_fd, &err) == 0) &&
	     CHECK(ns_open(pid, NS_MOUNT, &mount_fd, &err) == 0) &&
	     CHECK(ns_id(ours_fd, &ours, &err) == 0) &&
	     CHECK(ns_id(theirs_fd, &theirs, &err) == 0) &&
	     CHECK(ns_id(mount_fd, &mount, &err) == 0) &&
	     CHECK(ns_id(our_mount_fd, &our_mount, &err) == 0) && CHECK(ours.ino != theirs.ino) &&
	     CHECK(mount.ino == our_mount.ino);
	(void)kill(pid, SIGKILL);
	return CHECK(clone_wait(pid) >= 0) && ok;
}

static bool a_refusal_is_an_errno_and_leaves_no_pidfd(void)
{
	auto_close int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const struct clone_request bad = { .flags = CLONE_SIGHAND, .cgroup_fd = -1 };
	const struct clone_request no_cgroup = { .cgroup_fd = null_fd };
	int pidfd = -1;

	return CHECK(clone_process(&bad, &pidfd) == -EINVAL) && CHECK(pidfd == -1) &&
	       CHECK(clone_process(&no_cgroup, &pidfd) == -EBADF) && CHECK(pidfd == -1);
}

static bool may_make_user_namespace(void)
{
	const struct clone_request request = { .flags = CLONE_NEWUSER, .cgroup_fd = -1 };
	auto_close int pidfd = -1;
	pid_t pid = clone_process(&request, &pidfd);

	if (pid == 0)
		_exit(0);
	return pid > 0 && clone_wait(pid) == 0;
}

int main(void)
{
	TEST(the_child_is_a_copy_with_a_pidfd);
	TEST(waiting_tells_a_signal);
	TEST(waiting_goes_on_after_a_signal);
	if (may_make_user_namespace())
		TEST(namespaces_come_with_the_child);
	else
		SKIP(namespaces_come_with_the_child, "may not make a user namespace");
	TEST(a_refusal_is_an_errno_and_leaves_no_pidfd);
	return tap_done();
}
