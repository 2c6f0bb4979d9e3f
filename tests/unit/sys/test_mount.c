/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/mount.h"

#include "mounts.h"
#include "sys/proc.h"
#include "tmpdir.h"

#include <linux/mount.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#define TMPFS_MAGIC 0x01021994

static const struct mount_fs plain_tmpfs = { .type = "tmpfs", .source = "tmpfs" };

/* What mountinfo says of us, to compare. */
static bool mountinfo_has(const char *words)
{
	auto_free char *line = NULL;
	FILE *file = fopen("/proc/self/mountinfo", "re");
	bool has = false;
	size_t cap = 0;

	while (file && getline(&line, &cap, file) > 0)
		has |= strstr(line, words) != NULL;
	if (file)
		(void)fclose(file);
	return has;
}

static bool a_detached_mount_is_seen_by_nobody_until_attached(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = mount_make(&(struct mount_fs){ .type = "tmpfs", .source = "hidden1" });

	tmpdir_make(&dir);
	return CHECK(fd >= 0) && CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC) &&
	       CHECK(!mountinfo_has(" hidden1 ")) && CHECK(tmpdir_put(fd, "x", "")) &&
	       CHECK(faccessat(dir.fd, "x", F_OK, 0) < 0) &&
	       CHECK(mount_attach(fd, dir.fd) == 0) && CHECK(mountinfo_has(" hidden1 ")) &&
	       CHECK(chdir(dir.path) == 0) && CHECK(access("x", F_OK) == 0);
}

static bool parameters_and_attributes_come_with_its_making(void)
{
	static const struct mount_param params[] = { { "size", "1m" }, { "mode", "0710" },
						     { "sync", NULL } };
	auto_close int fd = mount_make(&(struct mount_fs){
		.type = "tmpfs", .source = "tmpfs", .params = params, .n_params = 3,
		.attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY });
	struct statvfs fs;
	struct stat st;

	return CHECK(fd >= 0) && CHECK(fstatvfs(fd, &fs) == 0) && CHECK(fstat(fd, &st) == 0) &&
	       CHECK((st.st_mode & 07777) == 0710) &&
	       CHECK(fs.f_blocks * fs.f_frsize == (fsblkcnt_t)1 << 20) &&
	       CHECK(fs.f_flag & ST_NOSUID) && CHECK(fs.f_flag & ST_NODEV) &&
	       CHECK(fs.f_flag & ST_RDONLY) && CHECK(!(fs.f_flag & ST_NOEXEC)) &&
	       CHECK(fs.f_flag & ST_SYNCHRONOUS) && CHECK(!tmpdir_put(fd, "x", ""));
}

static bool what_a_filesystem_refuses_is_an_error(void)
{
	static const struct mount_param odd[] = { { "no-such-option", "1" } };
	static const struct mount_param bad[] = { { "size", "many" } };

	return CHECK(mount_make(&(struct mount_fs){ .type = "tmpfs", .params = odd,
						    .n_params = 1 }) == -EINVAL) &&
	       CHECK(mount_make(&(struct mount_fs){ .type = "tmpfs", .params = bad,
						    .n_params = 1 }) == -EINVAL) &&
	       CHECK(mount_make(&(struct mount_fs){ .type = "no-such-filesystem" }) == -ENODEV);
}

/* A tmpfs at `dir`, and another at its directory "sub", which holds "deep". */
static bool have_nested(const struct tmpdir *dir)
{
	auto_close int top_fd = mount_make(&plain_tmpfs), sub_fd = mount_make(&plain_tmpfs);
	auto_close int target_fd = -1;

	return CHECK(top_fd >= 0) && CHECK(sub_fd >= 0) &&
	       CHECK(mkdirat(top_fd, "sub", 0755) == 0) &&
	       CHECK(tmpdir_put(sub_fd, "deep", "")) && CHECK(mount_attach(top_fd, dir->fd) == 0) &&
	       CHECK((target_fd = openat(top_fd, "sub", O_PATH | O_CLOEXEC)) >= 0) &&
	       CHECK(mount_attach(sub_fd, target_fd) == 0);
}

static bool a_clone_has_the_mounts_below_when_asked(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int one_fd = -1, all_fd = -1, self_fd = -1;

	tmpdir_make(&dir);
	return have_nested(&dir) &&
	       CHECK((one_fd = mount_clone(AT_FDCWD, dir.path, false)) >= 0) &&
	       CHECK(faccessat(one_fd, "sub/deep", F_OK, 0) < 0) &&
	       CHECK((all_fd = mount_clone(AT_FDCWD, dir.path, true)) >= 0) &&
	       CHECK(faccessat(all_fd, "sub/deep", F_OK, 0) == 0) &&
	       CHECK((self_fd = mount_clone(dir.fd, "", false)) >= 0) &&
	       CHECK(tmpdir_is(self_fd, AT_FDCWD, dir.path) == false) &&
	       CHECK(mount_clone(dir.fd, "absent", true) == -ENOENT);
}

static bool is_read_only(int dir_fd, const char *name)
{
	auto_close int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 && errno == EROFS;
}

static bool a_change_reaches_below_only_when_asked(void)
{
	const struct mount_change restrict_ = { .set = MOUNT_ATTR_RDONLY };
	const struct mount_change relax = { .clear = MOUNT_ATTR_RDONLY };
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = -1;

	tmpdir_make(&dir);
	return have_nested(&dir) && CHECK((fd = mount_clone(AT_FDCWD, dir.path, true)) >= 0) &&
	       CHECK(mount_change(fd, &restrict_, false) == 0) && CHECK(is_read_only(fd, "a")) &&
	       CHECK(!is_read_only(fd, "sub/a")) &&
	       CHECK(mount_change(fd, &restrict_, true) == 0) &&
	       CHECK(is_read_only(fd, "sub/b")) && CHECK(mount_change(fd, &relax, false) == 0) &&
	       CHECK(!is_read_only(fd, "c")) && CHECK(is_read_only(fd, "sub/d")) &&
	       CHECK(!is_read_only(AT_FDCWD, dir.path) || errno == EEXIST);
}

static bool propagation_is_set_with_the_attributes(void)
{
	const struct mount_change shared = { .propagation = MS_SHARED };
	const struct mount_change both = { .propagation = MS_SHARED | MS_PRIVATE };
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = mount_make(&(struct mount_fs){ .type = "tmpfs", .source = "shared1" });

	tmpdir_make(&dir);
	return CHECK(fd >= 0) && CHECK(mount_attach(fd, dir.fd) == 0) &&
	       CHECK(!mountinfo_has("shared:")) && CHECK(mount_change(fd, &shared, false) == 0) &&
	       CHECK(mountinfo_has("shared:")) && CHECK(mount_change(fd, &both, false) == -EINVAL);
}

#define NOSYMFOLLOW 0x2000 /* statfs(2); the C library has no name for it */

static bool options_longer_than_fsconfig_takes_are_mounted_the_old_way(void)
{
	const struct mount_fs fs = { .type = "tmpfs", .source = "old1",
				     .attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC |
					     MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY |
					     MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODIRATIME |
					     MOUNT_ATTR_NOSYMFOLLOW };
	const unsigned long all = ST_NOSUID | ST_NOEXEC | ST_NODEV | ST_RDONLY | ST_NOATIME |
				  ST_NODIRATIME | NOSYMFOLLOW;
	auto_tmpdir struct tmpdir dir;
	char data[600] = "size=1m";
	struct statvfs vfs;

	tmpdir_make(&dir);
	while (strlen(data) < 500)
		strcat(data, ",mode=0711");
	return CHECK(mount_legacy(&fs, dir.fd, data) == 0) && CHECK(statvfs(dir.path, &vfs) == 0) &&
	       CHECK(vfs.f_blocks * vfs.f_frsize == (fsblkcnt_t)1 << 20) &&
	       CHECK((vfs.f_flag & all) == all) &&
	       CHECK(mount_legacy(&fs, dir.fd, "size=many") == -EINVAL);
}

static bool detaching_takes_off_what_is_mounted_and_nothing_else(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = mount_make(&plain_tmpfs), fds_fd = -1, top_fd = -1;

	tmpdir_make(&dir);
	fds_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return CHECK(fds_fd >= 0) && CHECK(mount_detach(fds_fd, dir.fd) == -EINVAL) &&
	       CHECK(tmpdir_put(fd, "x", "")) && CHECK(mount_attach(fd, dir.fd) == 0) &&
	       CHECK((top_fd = open(dir.path, O_PATH | O_CLOEXEC)) >= 0) &&
	       CHECK(faccessat(top_fd, "x", F_OK, 0) == 0) &&
	       CHECK(mount_detach(fds_fd, top_fd) == 0) && CHECK(chdir(dir.path) == 0) &&
	       CHECK(access("x", F_OK) < 0);
}

static struct tmpdir new_root;

static bool only_the_new_root_is_there(void)
{
	auto_close int at_fd = open(new_root.path, O_PATH | O_CLOEXEC);
	auto_close int fd = mount_make(&plain_tmpfs);
	struct statfs fs;
	char cwd[64] = "";

	if (!CHECK(tmpdir_put(fd, "x", "")) || !CHECK(mount_attach(fd, at_fd) == 0) ||
	    !CHECK(fchdir(fd) == 0) || !CHECK(mount_pivot() == 0))
		return false;
	return CHECK(access("/x", F_OK) == 0) && CHECK(access("/../x", F_OK) == 0) &&
	       CHECK(access("/etc", F_OK) < 0) && CHECK(access("/proc", F_OK) < 0) &&
	       CHECK(statfs("/", &fs) == 0) && CHECK(fs.f_type == TMPFS_MAGIC) &&
	       CHECK(getcwd(cwd, sizeof(cwd))) && CHECK_STR(cwd, "/");
}

static bool pivoting_leaves_nothing_of_the_old_root(void)
{
	bool ok;

	tmpdir_make(&new_root);
	ok = mounts_in_child(only_the_new_root_is_there);
	tmpdir_done(&new_root);
	return ok;
}

static bool pivoting_needs_a_mount(void)
{
	auto_tmpdir struct tmpdir dir;

	tmpdir_make(&dir);
	return CHECK(fchdir(dir.fd) == 0) && CHECK(mount_pivot() < 0);
}

int main(void)
{
	TEST_MOUNTS(a_detached_mount_is_seen_by_nobody_until_attached);
	TEST_MOUNTS(parameters_and_attributes_come_with_its_making);
	TEST_MOUNTS(what_a_filesystem_refuses_is_an_error);
	TEST_MOUNTS(a_clone_has_the_mounts_below_when_asked);
	TEST_MOUNTS(a_change_reaches_below_only_when_asked);
	TEST_MOUNTS(propagation_is_set_with_the_attributes);
	TEST_MOUNTS(options_longer_than_fsconfig_takes_are_mounted_the_old_way);
	TEST_MOUNTS(detaching_takes_off_what_is_mounted_and_nothing_else);
	TEST_MOUNTS(pivoting_leaves_nothing_of_the_old_root);
	TEST_MOUNTS(pivoting_needs_a_mount);
	return tap_done();
}
