/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/ns.h"

#include "base/cleanup.h"
#include "child.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>

static bool every_kind_is_known_by_its_name(void)
{
	static const char *const names[NS_KIND_MAX_] = {
		[NS_USER] = "user", [NS_MOUNT] = "mount", [NS_PID] = "pid", [NS_NET] = "network",
		[NS_IPC] = "ipc", [NS_UTS] = "uts", [NS_CGROUP] = "cgroup", [NS_TIME] = "time",
	};

	for (int kind = 0; kind < NS_KIND_MAX_; kind++)
		if (!CHECK_STR(ns_types[kind].oci_name, names[kind]) ||
		    !CHECK(ns_kind_parse(names[kind]) == kind))
			return false;
	return CHECK(ns_kind_parse("mnt") == -ENOENT) && CHECK(ns_kind_parse("net") == -ENOENT) &&
	       CHECK(ns_kind_parse("Mount") == -ENOENT) && CHECK(ns_kind_parse("") == -ENOENT);
}

static bool a_handle_is_of_its_kind_and_no_other(void)
{
	for (int kind = 0; kind < NS_KIND_MAX_; kind++) {
		auto_close int fd = -1;
		struct err err = {};

		if (!CHECK(ns_open(getpid(), (enum ns_kind)kind, &fd, &err) == 0) ||
		    !CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC))
			return false;
		for (int other = 0; other < NS_KIND_MAX_; other++)
			if (!CHECK(ns_is_kind(fd, (enum ns_kind)other) == (other == kind)))
				return false;
	}
	return CHECK(!ns_is_kind(0, NS_MOUNT)) && CHECK(!ns_is_kind(-1, NS_MOUNT));
}

static bool is_same(pid_t a, pid_t b, enum ns_kind kind)
{
	auto_close int a_fd = -1, b_fd = -1;
	struct ns_id a_id = {}, b_id = {};
	struct err err = {};

	return ns_open(a, kind, &a_fd, &err) == 0 && ns_open(b, kind, &b_fd, &err) == 0 &&
	       ns_id(a_fd, &a_id, &err) == 0 && ns_id(b_fd, &b_id, &err) == 0 &&
	       a_id.ino == b_id.ino && a_id.dev == b_id.dev;
}

static bool one_namespace_has_one_identity(void)
{
	int fds[2];
	char byte;
	bool ok;
	pid_t pid;

	if (!CHECK(pipe(fds) == 0))
		return false;
	pid = fork();
	if (pid == 0) {
		(void)!write(fds[1], unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? "+" : "-", 1);
		(void)pause();
		_exit(0);
	}
	ok = CHECK(read(fds[0], &byte, 1) == 1) && CHECK(is_same(getpid(), pid, NS_IPC)) &&
	     CHECK(is_same(pid, pid, NS_NET)) &&
	     CHECK(is_same(getpid(), pid, NS_NET) == (byte == '-'));
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
	return ok;
}

static bool of_nobody_there_is_none(void)
{
	struct err err = {};
	int fd = -1;

	return CHECK(ns_open(1 << 23, NS_MOUNT, &fd, &err) == -ESRCH) &&
	       CHECK(err.kind == ERR_NOT_FOUND) && CHECK_STR(err.msg, "no process 8388608") &&
	       CHECK(fd == -1);
}

static bool of_a_zombie_there_is_none(void)
{
	struct err err = {};
	siginfo_t info;
	int fd = -1;
	pid_t pid = fork();
	bool ok;

	if (pid == 0)
		_exit(0);
	ok = CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0) &&
	     CHECK(ns_open(pid, NS_MOUNT, &fd, &err) == -ESRCH);
	return CHECK(waitpid(pid, NULL, 0) == pid) && ok;
}

static bool links_are_read_strictly(void)
{
	static const char *const bad[] = {
		"", ":", "net", "net:", "net:[]", "net:[1", "net:1]", "net:[-1]", "net:[1]x",
		"net:[1 ]", ":[1]", "ne:[1]", "nets:[1]", "network:[1]", "pid_for_children:[1]",
		"net:[18446744073709551616]", "net:[]]", "net:[0000000000000000000000000000001]",
	};
	enum ns_kind kind = NS_KIND_MAX_;
	ino_t ino = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!CHECK(ns_parse(bad[i], &kind, &ino) == -EINVAL) || !CHECK(ino == 0))
			return false;
	return CHECK(ns_parse("net:[4026531840]", &kind, &ino) == 0) && CHECK(kind == NS_NET) &&
	       CHECK(ino == 4026531840) && CHECK(ns_parse("mnt:[7]", &kind, &ino) == 0) &&
	       CHECK(kind == NS_MOUNT) && CHECK(ino == 7);
}

static bool the_link_and_the_handle_name_one_namespace(void)
{
	auto_close int dir_fd = open("/proc/self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < NS_KIND_MAX_; i++) {
		enum ns_kind kind = (enum ns_kind)i;
		auto_close int fd = -1;
		struct err err = {};
		struct ns_id id = {};
		ino_t ino = 0;

		if (!CHECK(ns_open(getpid(), kind, &fd, &err) == 0) ||
		    !CHECK(ns_id(fd, &id, &err) == 0) ||
		    !CHECK(ns_read_ino(dir_fd, kind, &ino) == 0) || !CHECK(ino == id.ino))
			return false;
	}
	return true;
}

static bool the_handle_on_a_process_dies_with_it(void)
{
	auto_close int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int dir_fd = -1, none_fd = -1;
	pid_t pid = fork();
	ino_t ino = 0;

	if (pid == 0) {
		(void)pause();
		_exit(0);
	}
	if (!CHECK(ns_open_dir(proc_fd, pid, &dir_fd) == 0) ||
	    !CHECK(ns_read_ino(dir_fd, NS_NET, &ino) == 0) || !CHECK(kill(pid, SIGKILL) == 0) ||
	    !CHECK(waitpid(pid, NULL, 0) == pid))
		return false;
	return CHECK(ns_read_ino(dir_fd, NS_NET, &ino) < 0) &&
	       CHECK(ns_open_at(dir_fd, NS_NET, &none_fd) < 0) &&
	       CHECK(ns_open_dir(proc_fd, pid, &none_fd) == -ESRCH) && CHECK(none_fd == -1);
}

static bool children_may_be_born_elsewhere(void)
{
	auto_close int dir_fd = open("/proc/self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ino_t own = 0, before = 0, after = 0;

	if (!CHECK(ns_read_ino(dir_fd, NS_TIME, &own) == 0) ||
	    !CHECK(ns_read_children_ino(dir_fd, NS_TIME, &before) == 0) ||
	    !CHECK(before == own) || !CHECK(unshare(CLONE_NEWUSER | CLONE_NEWTIME) == 0))
		return false;
	return CHECK(ns_read_children_ino(dir_fd, NS_TIME, &after) == 0) && CHECK(after != own) &&
	       CHECK(ns_read_ino(dir_fd, NS_TIME, &before) == 0) && CHECK(before == own);
}

/* The owner of a namespace made together with a user namespace is that one; what is outside of it
 * can't be had from within. */
static bool relatives_are_known(void)
{
	auto_close int old_fd = -1, user_fd = -1, uts_fd = -1, owner_fd = -1, parent_fd = -1;
	struct ns_id user = {}, owner = {};
	struct err err = {};
	const uid_t uid = geteuid();
	uid_t owner_uid = 7;

	if (!CHECK(ns_open(getpid(), NS_USER, &old_fd, &err) == 0) ||
	    !CHECK(unshare(CLONE_NEWUSER | CLONE_NEWUTS) == 0) ||
	    !CHECK(ns_open(getpid(), NS_USER, &user_fd, &err) == 0) ||
	    !CHECK(ns_open(getpid(), NS_UTS, &uts_fd, &err) == 0))
		return false;
	return CHECK(ns_owner(uts_fd, &owner_fd) == 0) &&
	       CHECK(ns_id(owner_fd, &owner, &err) == 0) &&
	       CHECK(ns_id(user_fd, &user, &err) == 0) && CHECK(owner.ino == user.ino) &&
	       CHECK(fcntl(owner_fd, F_GETFD) == FD_CLOEXEC) &&
	       CHECK(ns_parent(uts_fd, &parent_fd) == -EINVAL) &&
	       CHECK(ns_parent(user_fd, &parent_fd) == -EPERM) &&
	       CHECK(ns_owner_uid(uts_fd, &owner_uid) == -EINVAL) && CHECK(owner_uid == 7) &&
	       CHECK(ns_owner_uid(old_fd, &owner_uid) == 0) && CHECK(uid == 0 || owner_uid != 7);
}

static bool initial_namespaces_have_their_numbers(void)
{
	return CHECK(ns_initial_ino(NS_USER) == 4026531837) &&
	       CHECK(ns_initial_ino(NS_PID) == 4026531836) &&
	       CHECK(ns_initial_ino(NS_TIME) == 4026531834);
}

int main(void)
{
	TEST(every_kind_is_known_by_its_name);
	TEST(a_handle_is_of_its_kind_and_no_other);
	TEST(one_namespace_has_one_identity);
	TEST(of_nobody_there_is_none);
	TEST(of_a_zombie_there_is_none);
	TEST(links_are_read_strictly);
	TEST(the_link_and_the_handle_name_one_namespace);
	TEST(the_handle_on_a_process_dies_with_it);
	TEST_IN_CHILD(children_may_be_born_elsewhere);
	TEST_IN_CHILD(relatives_are_known);
	TEST(initial_namespaces_have_their_numbers);
	return tap_done();
}
