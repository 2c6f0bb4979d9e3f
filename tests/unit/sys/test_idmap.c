/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/idmap.h"

#include "base/cleanup.h"
#include "child.h"
#include "sys/clone.h"
#include "sys/cred.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>

static int proc_fd = -1;

#define MAP(...)                                                                            \
	(&(struct idmap){ (const struct idmap_range[]){ __VA_ARGS__ },                      \
			  sizeof((const struct idmap_range[]){ __VA_ARGS__ }) /              \
				  sizeof(struct idmap_range) })

static bool refuses(const struct idmap *map, const char *words)
{
	struct err err = {};

	return CHECK(idmap_check(map, &err) < 0) && CHECK_STR(err.msg, words);
}

static bool check_accepts_what_the_kernel_does(void)
{
	struct err err = {};

	return CHECK(idmap_check(MAP({ 0, 1000, 1 }), &err) == 0) &&
	       CHECK(idmap_check(MAP({ 0, 0, 4294967295u }), &err) == 0) &&
	       CHECK(idmap_check(MAP({ 10, 20, 10 }, { 0, 10, 10 }, { 20, 0, 10 }), &err) == 0);
}

static bool check_names_what_is_wrong(void)
{
	static const struct idmap none = {};

	return refuses(&none, "no id is mapped") &&
	       refuses(MAP({ 0, 0, 0 }), "[0].size: must not be 0") &&
	       refuses(MAP({ 1, 0, 4294967295u }), "[0]: reaches past the largest id") &&
	       refuses(MAP({ 0, 4294967295u, 1 }), "[0]: reaches past the largest id") &&
	       refuses(MAP({ 0, 0, 10 }, { 9, 100, 10 }), "id 9 inside is mapped twice") &&
	       refuses(MAP({ 0, 0, 10 }, { 10, 5, 1 }), "id 5 of the host is mapped twice");
}

static bool file_says(int fd, const char *want)
{
	char text[256] = "";

	return CHECK(fd >= 0) && CHECK(read(fd, text, sizeof(text) - 1) >= 0) &&
	       CHECK_STR(text, want);
}

/* As a user's own process is: one that changed its ids can't be looked into. */
static bool become_a_user(void)
{
	return CHECK(cred_set_groups(NULL, 0) == 0) && CHECK(cred_set_ids(1234, 1234) == 0) &&
	       CHECK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
}

/* Our child in a new user namespace; it ends when *keep_fd is closed. */
static pid_t start(int *keep_fd)
{
	const struct clone_request request = { .flags = CLONE_NEWUSER, .cgroup_fd = -1 };
	auto_close int pidfd = -1;
	int fds[2];
	char byte;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid = clone_process(&request, &pidfd);
	if (pid == 0) {
		close(fds[1]);
		(void)!read(fds[0], &byte, 1);
		_exit(0);
	}
	close(fds[0]);
	*keep_fd = fds[1];
	return pid;
}

static int open_of(pid_t pid, const char *name)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool root_writes_any_map(void)
{
	auto_close int keep_fd = -1, uid_fd = -1, gid_fd = -1, setgroups_fd = -1;
	struct err err = {};
	pid_t pid = start(&keep_fd);

	return CHECK(pid > 0) &&
	       CHECK(idmap_write(proc_fd, pid, MAP({ 0, 100000, 65536 }, { 70000, 7, 1 }),
				 MAP({ 0, 200000, 10 }), &err) == 0) &&
	       CHECK((uid_fd = open_of(pid, "uid_map")) >= 0) &&
	       file_says(uid_fd, "         0     100000      65536\n"
				 "     70000          7          1\n") &&
	       CHECK((gid_fd = open_of(pid, "gid_map")) >= 0) &&
	       file_says(gid_fd, "         0     200000         10\n") &&
	       CHECK((setgroups_fd = open_of(pid, "setgroups")) >= 0) &&
	       file_says(setgroups_fd, "allow\n");
}

static bool a_user_maps_itself_and_loses_setgroups(void)
{
	auto_close int keep_fd = -1, uid_fd = -1, setgroups_fd = -1;
	struct err err = {};
	pid_t pid;

	return become_a_user() && CHECK((pid = start(&keep_fd)) > 0) &&
	       CHECK(idmap_write(proc_fd, pid, MAP({ 0, 1234, 1 }), MAP({ 0, 1234, 1 }), &err) ==
		     0) &&
	       CHECK((uid_fd = open_of(pid, "uid_map")) >= 0) &&
	       file_says(uid_fd, "         0       1234          1\n") &&
	       CHECK((setgroups_fd = open_of(pid, "setgroups")) >= 0) &&
	       file_says(setgroups_fd, "deny\n");
}

static bool put_script(const char *dir, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	if (!CHECK(f != NULL))
		return false;
	fprintf(f, "#!/bin/sh\n%s\n", text);
	fclose(f);
	return CHECK(chmod(path, 0755) == 0);
}

static bool remove_script(const char *dir, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return unlink(path) == 0;
}

/* Others go by newuidmap and newgidmap, which stand-ins show being called. */
static bool by_mappers(const char *uid_script, const char *gid_script, struct err *err, int want)
{
	char dir[] = "/tmp/tare-test-idmap.XXXXXX", path[128];
	auto_close int keep_fd = -1;
	bool ok;
	pid_t pid;

	if (!CHECK(mkdtemp(dir)) || !CHECK(chown(dir, 1234, 1234) == 0))
		return false;
	(void)snprintf(path, sizeof(path), "%s:/usr/bin:/bin", dir);
	setenv("PATH", path, 1);
	setenv("OUT", dir, 1);
	ok = put_script(dir, "newuidmap", uid_script) && put_script(dir, "newgidmap", gid_script) &&
	     become_a_user() && CHECK((pid = start(&keep_fd)) > 0) &&
	     CHECK(idmap_write(proc_fd, pid, MAP({ 0, 1234, 1 }, { 1, 100000, 9 }),
			       MAP({ 0, 1234, 1 }, { 1, 200000, 9 }), err) == want);
	if (!ok)
		printf("# %s\n", err->msg);
	remove_script(dir, "newuidmap");
	remove_script(dir, "newgidmap");
	remove_script(dir, "u");
	remove_script(dir, "g");
	rmdir(dir);
	return ok;
}

static bool others_go_by_the_mappers(void)
{
	struct err err = {};

	return by_mappers("shift; test \"$*\" = '0 1234 1 1 100000 9'",
			  "shift; test \"$*\" = '0 1234 1 1 200000 9'", &err, 0);
}

static bool the_mappers_run_side_by_side(void)
{
	struct err err = {};

	/* Each waits, 5 s at the most, for what the other does. */
	return by_mappers("touch $OUT/u; for i in $(seq 100); do test -e $OUT/g && exit 0; "
			  "sleep 0.05; done; exit 1",
			  "touch $OUT/g; for i in $(seq 100); do test -e $OUT/u && exit 0; "
			  "sleep 0.05; done; exit 1", &err, 0);
}

static bool a_mappers_words_are_passed_on(void)
{
	struct err err = {};

	return by_mappers("exit 0", "echo 'newgidmap: gid range not allowed' >&2; exit 1", &err,
			  -EPERM) &&
	       CHECK_STR(err.msg, "newgidmap failed: newgidmap: gid range not allowed");
}

static bool a_missing_mapper_is_named(void)
{
	auto_close int keep_fd = -1;
	struct err err = {};
	pid_t pid;

	setenv("PATH", "/nonexistent", 1);
	return become_a_user() && CHECK((pid = start(&keep_fd)) > 0) &&
	       CHECK(idmap_write(proc_fd, pid, MAP({ 0, 5, 2 }), MAP({ 0, 5, 2 }), &err) ==
		     -ENOENT) &&
	       CHECK(strstr(err.msg, "run 'newuidmap'") != NULL);
}

static bool a_namespace_of_its_own_has_the_maps(void)
{
	auto_close int ns_fd = -1, uid_fd = -1;
	struct err err = {};

	return CHECK(idmap_userns_fd(proc_fd, MAP({ 0, 300000, 65536 }), MAP({ 0, 300000, 65536 }),
				     &ns_fd, &err) == 0) &&
	       CHECK(setns(ns_fd, CLONE_NEWUSER) == 0) &&
	       CHECK((uid_fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC)) >= 0) &&
	       file_says(uid_fd, "         0     300000      65536\n") &&
	       CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

static bool a_bad_map_leaves_no_process_behind(void)
{
	auto_close int ns_fd = -1;
	struct err err = {};

	return CHECK(idmap_userns_fd(proc_fd, MAP({ 0, 0, 2 }, { 1, 5, 2 }), MAP({ 0, 0, 1 }),
				     &ns_fd, &err) == -EINVAL) &&
	       CHECK(ns_fd == -1) && CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

static bool maps_are_read_as_the_kernel_writes_them(void)
{
	auto_arena struct arena arena = {};
	struct idmap map = {};
	struct err err = {};
	uint32_t inside = 7;

	return CHECK(idmap_parse("         0     100000      65536\n"
				 "     70000          7          1\n",
				 &arena, &map, &err) == 0) &&
	       CHECK(map.n == 2) && CHECK(map.ranges[0].outside == 100000) &&
	       CHECK(map.ranges[0].size == 65536) && CHECK(map.ranges[1].inside == 70000) &&
	       CHECK(idmap_find_inside(&map, 100005, &inside) == 1) && CHECK(inside == 5) &&
	       CHECK(idmap_find_inside(&map, 7, &inside) == 1) && CHECK(inside == 70000) &&
	       CHECK(idmap_find_inside(&map, 165536, &inside) == 0) &&
	       CHECK(idmap_find_inside(&map, 8, &inside) == 0) &&
	       CHECK(idmap_find_inside(&map, 0, &inside) == 0) && CHECK(inside == 70000) &&
	       CHECK(idmap_parse("", &arena, &map, &err) == 0) && CHECK(map.n == 0);
}

static bool what_is_no_map_is_refused(void)
{
	static const char *const texts[] = { "0 0", "0 0 1 2", "0 0 x", "\n", "0 0 1\n\n", "-1 0 1",
					     "0 0 4294967296", "0,0,1", "0\t0\t1" };
	auto_arena struct arena arena = {};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct idmap map = { .n = 7 };
		struct err err = {};

		if (!CHECK(idmap_parse(texts[i], &arena, &map, &err) == -EINVAL) ||
		    !CHECK(map.n == 7))
			return false;
	}
	return true;
}

int main(void)
{
	struct err err = {};

	TEST(check_accepts_what_the_kernel_does);
	TEST(check_names_what_is_wrong);
	TEST(maps_are_read_as_the_kernel_writes_them);
	TEST(what_is_no_map_is_refused);
	if (geteuid() != 0 || proc_open(&proc_fd, &err) < 0) {
		SKIP(root_writes_any_map, "needs root");
		return tap_done();
	}
	TEST_IN_CHILD(root_writes_any_map);
	TEST_IN_CHILD(a_user_maps_itself_and_loses_setgroups);
	TEST_IN_CHILD(others_go_by_the_mappers);
	TEST_IN_CHILD(the_mappers_run_side_by_side);
	TEST_IN_CHILD(a_mappers_words_are_passed_on);
	TEST_IN_CHILD(a_missing_mapper_is_named);
	TEST_IN_CHILD(a_namespace_of_its_own_has_the_maps);
	TEST_IN_CHILD(a_bad_map_leaves_no_process_behind);
	return tap_done();
}
