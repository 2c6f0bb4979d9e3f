/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/lsm.h"

#include "base/cleanup.h"
#include "sys/proc.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static char dir[] = "/tmp/tare-test-lsm.XXXXXX";

/* A directory stands in for the procfs of a machine that has the modules, or has not. */
static bool put(int dir_fd, const char *path, const char *text)
{
	auto_close int fd = openat(dir_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return CHECK(fd >= 0) && CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static int fake_proc(void)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)mkdirat(fd, "self", 0700);
	(void)mkdirat(fd, "self/attr", 0700);
	(void)mkdirat(fd, "self/attr/apparmor", 0700);
	return fd;
}

static bool got(int dir_fd, const char *path, const char *want)
{
	auto_close int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	char text[256] = "";

	return CHECK(read(fd, text, sizeof(text) - 1) >= 0) && CHECK_STR(text, want);
}

static bool modules_are_found_where_they_run(void)
{
	auto_close int fd = fake_proc();
	struct err err = {};

	return put(fd, "self/attr/apparmor/current", "unconfined\n") &&
	       put(fd, "filesystems", "nodev\tsysfs\nnodev\tselinuxfs\n") &&
	       CHECK(lsm_check(fd, LSM_APPARMOR, "docker-default", &err) == 0) &&
	       CHECK(lsm_check(fd, LSM_SELINUX, "a_u:b_r:c_t:s0", &err) == 0);
}

static bool labels_are_written_where_exec_looks(void)
{
	auto_close int fd = fake_proc();

	return put(fd, "self/attr/apparmor/exec", "") && put(fd, "self/attr/exec", "") &&
	       CHECK(lsm_set_exec(fd, LSM_APPARMOR, "docker-default") == 0) &&
	       got(fd, "self/attr/apparmor/exec", "exec docker-default") &&
	       CHECK(lsm_set_exec(fd, LSM_SELINUX, "a_u:b_r:c_t:s0") == 0) &&
	       got(fd, "self/attr/exec", "a_u:b_r:c_t:s0");
}

static bool an_absent_module_is_named(void)
{
	auto_close int fd = fake_proc();
	struct err err = {};

	(void)unlinkat(fd, "self/attr/apparmor/current", 0);
	return put(fd, "filesystems", "nodev\tsysfs\n") &&
	       CHECK(lsm_check(fd, LSM_APPARMOR, "x", &err) == -ENOTSUP) &&
	       CHECK_STR(err.msg, "this kernel has no AppArmor") &&
	       CHECK(lsm_check(fd, LSM_SELINUX, "x", &err) == -ENOTSUP) &&
	       CHECK_STR(err.msg, "this kernel has no SELinux");
}

static bool what_is_no_label_is_refused(void)
{
	auto_close int fd = fake_proc();
	char *longest = calloc(1, 5000);
	struct err err = {};
	bool ok;

	memset(longest, 'x', 4999);
	ok = CHECK(lsm_check(fd, LSM_SELINUX, "", &err) == -EINVAL) &&
	     CHECK(lsm_check(fd, LSM_SELINUX, "a\nb", &err) == -EINVAL) &&
	     CHECK(lsm_check(fd, LSM_SELINUX, longest, &err) == -EINVAL) &&
	     CHECK(lsm_set_exec(fd, LSM_SELINUX, longest) == -EINVAL);
	free(longest);
	return ok;
}

static void clean(void)
{
	static const char *const files[] = { "self/attr/apparmor/exec",
					     "self/attr/apparmor/current", "self/attr/exec",
					     "filesystems" };
	static const char *const dirs[] = { "self/attr/apparmor", "self/attr", "self" };
	auto_close int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < 4; i++)
		(void)unlinkat(fd, files[i], 0);
	for (size_t i = 0; i < 3; i++)
		(void)unlinkat(fd, dirs[i], AT_REMOVEDIR);
	(void)rmdir(dir);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	TEST(modules_are_found_where_they_run);
	TEST(labels_are_written_where_exec_looks);
	TEST(an_absent_module_is_named);
	TEST(what_is_no_label_is_refused);
	clean();
	return tap_done();
}
