/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding the hierarchies where they are not in their usual places: in a mount namespace of the
 * test's own, in a child, so that nothing of it is seen outside.
 */
#include "sys/cgroupfs.h"
#include "base/cleanup.h"
#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct err err;
static char dir[64];

/* Run `holds` in a child with its own mounts. Its CHECKs print for themselves. */
static bool apart(bool (*holds)(void))
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		bool ok = unshare(CLONE_NEWNS) == 0 &&
			  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && holds();

		fflush(stdout);
		_exit(ok ? 0 : 1);
	}
	(void)waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool bind_fd(int fd, const char *to)
{
	char from[64];

	(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	return CHECK(mount(from, to, NULL, MS_BIND, NULL) == 0);
}

static int open_path(const char *path)
{
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool found_elsewhere(void)
{
	auto_close int memory_fd = open_path("/sys/fs/cgroup/memory");
	struct cgroupfs fs = {};
	struct stat a, b;

	/* a name with a blank, which mountinfo escapes; and a directory that only has the name */
	if (memory_fd < 0 || !CHECK(bind_fd(memory_fd, dir)) ||
	    !CHECK(mount("none", "/sys/fs/cgroup", "tmpfs", 0, NULL) == 0) ||
	    !CHECK(mkdir("/sys/fs/cgroup/memory", 0755) == 0) ||
	    !CHECK(cgroupfs_open(&fs, &err) == 0) || !CHECK(fs.mode == CGROUP_V1))
		return false;
	return CHECK(cgroupfs_find_v1(&fs, CGROUP_MEMORY) != NULL) &&
	       CHECK(fstat(cgroupfs_find_v1(&fs, CGROUP_MEMORY)->mount_fd, &a) == 0) &&
	       CHECK(fstat(memory_fd, &b) == 0) &&
	       CHECK(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
}

static bool v2_alone(void)
{
	auto_close int v2_fd = open_path("/sys/fs/cgroup/unified");
	struct cgroupfs fs = {};

	return CHECK(bind_fd(v2_fd, "/sys/fs/cgroup")) && CHECK(cgroupfs_open(&fs, &err) == 0) &&
	       CHECK(fs.mode == CGROUP_V2) && CHECK(fs.n == 1) && CHECK(fs.trees[0].v2) &&
	       CHECK(cgroupfs_find_v2(&fs) == &fs.trees[0]);
}

static bool nothing_mounted(void)
{
	struct cgroupfs fs = {};

	if (!CHECK(umount2("/sys/fs/cgroup", MNT_DETACH) == 0))
		return false;
	return CHECK(cgroupfs_open(&fs, &err) == -ENOENT) && CHECK(err.kind == ERR_NOT_FOUND) &&
	       CHECK(fs.n == 0);
}

static bool hierarchies_are_found_by_mountinfo(void)
{
	return apart(found_elsewhere);
}

static bool v2_alone_is_told_by_its_magic(void)
{
	return apart(v2_alone);
}

static bool no_hierarchy_at_all_is_an_error(void)
{
	return apart(nothing_mounted);
}

static bool controllers_have_a_name_on_v1_and_one_on_v2(void)
{
	return CHECK(cgroup_controller_parse("blkio", 5) == CGROUP_IO) &&
	       CHECK(cgroup_controller_parse("io", 2) == CGROUP_IO) &&
	       CHECK(cgroup_controller_parse("cpuacct", 3) == CGROUP_CPU) &&
	       CHECK(cgroup_controller_parse("nosuch", 6) == -ENOENT) &&
	       CHECK_STR(cgroup_controller_name(CGROUP_IO), "io");
}

/* A tree of plain directories: joint controllers hide their parts. */
static bool trusted_trees_are_taken_as_they_are(void)
{
	static const char *const names[] = { "cpu,cpuacct", "cpu", "memory", "systemd", "unified" };
	auto_cgroupfs struct cgroupfs fs = {};
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		if (!CHECK(mkdir(path, 0755) == 0))
			return false;
	}
	if (!CHECK(cgroupfs_open_at(&fs, CGROUP_HYBRID, dir, &err) == 0) || !CHECK(fs.n == 4) ||
	    !CHECK(cgroupfs_find_v1(&fs, CGROUP_CPU) == cgroupfs_find_v1(&fs, CGROUP_CPUACCT)))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)rmdir(path);
	}
	return CHECK_STR(cgroupfs_find_v1(&fs, CGROUP_CPU)->name, "cpu,cpuacct") &&
	       CHECK(cgroupfs_find_v2(&fs) != NULL);
}

static bool numbers_are_read_strictly(void)
{
	auto_close int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = openat(dir_fd, "n", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	uint64_t value = 7;
	char text[4];
	bool ok;

	(void)close(fd);
	ok = CHECK(cgroupfs_write(dir_fd, "n", "max\n") == 0) &&
	     CHECK(cgroupfs_read_u64(dir_fd, "n", &value) == 0) && CHECK(value == UINT64_MAX) &&
	     CHECK(cgroupfs_write(dir_fd, "n", "12a\n") == 0) &&
	     CHECK(cgroupfs_read_u64(dir_fd, "n", &value) == -EINVAL) &&
	     CHECK(cgroupfs_read(dir_fd, "n", text, sizeof(text)) == -EFBIG) &&
	     CHECK(cgroupfs_read(dir_fd, "absent", text, sizeof(text)) == -ENOENT) &&
	     CHECK(cgroupfs_write(dir_fd, "absent", "1") == -ENOENT);
	(void)unlinkat(dir_fd, "n", 0);
	return ok;
}

int main(void)
{
	bool hybrid = geteuid() == 0 && access("/sys/fs/cgroup/memory/tasks", F_OK) == 0 &&
		      access("/sys/fs/cgroup/unified/cgroup.procs", F_OK) == 0;

	(void)snprintf(dir, sizeof(dir), "/tmp/tare-test %d.XXXXXX", (int)getpid());
	if (!mkdtemp(dir))
		return 1;
	TEST(controllers_have_a_name_on_v1_and_one_on_v2);
	TEST(trusted_trees_are_taken_as_they_are);
	TEST(numbers_are_read_strictly);
	if (hybrid) {
		TEST(hierarchies_are_found_by_mountinfo);
		TEST(v2_alone_is_told_by_its_magic);
		TEST(no_hierarchy_at_all_is_an_error);
	} else {
		SKIP(hierarchies_are_found_by_mountinfo, "needs root and a hybrid machine");
		SKIP(v2_alone_is_told_by_its_magic, "needs root and a hybrid machine");
		SKIP(no_hierarchy_at_all_is_an_error, "needs root and a hybrid machine");
	}
	(void)rmdir(dir);
	return tap_done();
}
