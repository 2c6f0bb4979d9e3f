/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/copytree.h"

#include "mounts.h"
#include "tmpdir.h"

#include <sys/sysmacros.h>

struct trees {
	struct tmpdir dir;
	int from_fd, to_fd;
};

#define auto_trees auto_cleanup(trees_done)

static bool trees_make(struct trees *t)
{
	t->from_fd = t->to_fd = -1;
	tmpdir_make(&t->dir);
	if (mkdirat(t->dir.fd, "from", 0755) < 0 || mkdirat(t->dir.fd, "to", 0755) < 0)
		return false;
	t->from_fd = openat(t->dir.fd, "from", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	t->to_fd = openat(t->dir.fd, "to", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return t->from_fd >= 0 && t->to_fd >= 0;
}

static void trees_done(struct trees *t)
{
	closep(&t->from_fd);
	closep(&t->to_fd);
	tmpdir_done(&t->dir);
}

/* Have both trees `name`, with the same attributes? */
static bool is_alike(const struct trees *t, const char *name)
{
	struct stat a, b;

	return CHECK(fstatat(t->from_fd, name, &a, AT_SYMLINK_NOFOLLOW) == 0) &&
	       CHECK(fstatat(t->to_fd, name, &b, AT_SYMLINK_NOFOLLOW) == 0) &&
	       CHECK(a.st_mode == b.st_mode) && CHECK(a.st_uid == b.st_uid) &&
	       CHECK(a.st_gid == b.st_gid) && CHECK(a.st_rdev == b.st_rdev) &&
	       CHECK(S_ISDIR(a.st_mode) || a.st_size == b.st_size) &&
	       CHECK(a.st_mtim.tv_sec == b.st_mtim.tv_sec) &&
	       CHECK(a.st_mtim.tv_nsec == b.st_mtim.tv_nsec);
}

static bool age(const struct trees *t, const char *name)
{
	const struct timespec times[2] = { { 1000, 7 }, { 2000, 9 } };

	return CHECK(utimensat(t->from_fd, name, times, AT_SYMLINK_NOFOLLOW) == 0);
}

static bool contents_modes_and_times_are_copied(void)
{
	auto_trees struct trees t;
	auto_close int fd = -1;
	char text[16] = "";

	return CHECK(trees_make(&t)) && CHECK(mkdirat(t.from_fd, "d", 0700) == 0) &&
	       CHECK(tmpdir_put(t.from_fd, "d/file", "contents")) &&
	       CHECK(fchmodat(t.from_fd, "d/file", 0640, 0) == 0) && age(&t, "d/file") &&
	       CHECK(tmpdir_put(t.from_fd, "setuid", "")) &&
	       CHECK(fchmodat(t.from_fd, "setuid", 06755, 0) == 0) &&
	       CHECK(mkfifoat(t.from_fd, "fifo", 0600) == 0) && age(&t, "fifo") &&
	       CHECK(fchmodat(t.from_fd, "d", 01777, 0) == 0) && age(&t, "d") &&
	       CHECK(fchmodat(t.from_fd, ".", 0711, 0) == 0) && age(&t, ".") &&
	       CHECK(copytree_copy(t.from_fd, t.to_fd) == 0) && is_alike(&t, "d/file") &&
	       is_alike(&t, "setuid") && is_alike(&t, "fifo") && is_alike(&t, "d") &&
	       is_alike(&t, ".") &&
	       CHECK((fd = openat(t.to_fd, "d/file", O_RDONLY | O_CLOEXEC)) >= 0) &&
	       CHECK(read(fd, text, sizeof(text) - 1) == 8) && CHECK_STR(text, "contents");
}

static bool owners_and_devices_are_copied(void)
{
	auto_trees struct trees t;

	return CHECK(trees_make(&t)) && CHECK(tmpdir_put(t.from_fd, "f", "")) &&
	       CHECK(fchownat(t.from_fd, "f", 12, 34, 0) == 0) &&
	       CHECK(fchmodat(t.from_fd, "f", 04711, 0) == 0) &&
	       CHECK(symlinkat("f", t.from_fd, "l") == 0) &&
	       CHECK(fchownat(t.from_fd, "l", 56, 78, AT_SYMLINK_NOFOLLOW) == 0) &&
	       CHECK(mknodat(t.from_fd, "null", S_IFCHR | 0666, makedev(1, 3)) == 0) &&
	       CHECK(copytree_copy(t.from_fd, t.to_fd) == 0) && is_alike(&t, "f") &&
	       is_alike(&t, "l") && is_alike(&t, "null");
}

static bool links_are_copied_and_never_followed(void)
{
	auto_trees struct trees t;
	char target[64] = "";

	return CHECK(trees_make(&t)) && CHECK(tmpdir_put(t.dir.fd, "secret", "words")) &&
	       CHECK(symlinkat("../secret", t.from_fd, "file") == 0) &&
	       CHECK(symlinkat("..", t.from_fd, "dir") == 0) &&
	       CHECK(symlinkat("nowhere", t.from_fd, "dangling") == 0) &&
	       CHECK(copytree_copy(t.from_fd, t.to_fd) == 0) && is_alike(&t, "file") &&
	       is_alike(&t, "dir") && is_alike(&t, "dangling") &&
	       CHECK(readlinkat(t.to_fd, "file", target, sizeof(target) - 1) == 9) &&
	       CHECK_STR(target, "../secret");
}

static bool large_files_and_full_directories_are_copied(void)
{
	auto_trees struct trees t;
	auto_close int fd = -1;
	char name[256];

	if (!CHECK(trees_make(&t)))
		return false;
	fd = openat(t.from_fd, "large", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "%0200d", i);
		if (!CHECK(tmpdir_put(t.from_fd, name, name)) ||
		    !CHECK(pwrite(fd, name, 200, (off_t)i * 20000) == 200))
			return false;
	}
	if (!CHECK(copytree_copy(t.from_fd, t.to_fd) == 0) || !is_alike(&t, "large"))
		return false;
	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "%0200d", i);
		if (!is_alike(&t, name))
			return false;
	}
	return true;
}

static bool nest(int dir_fd, int depth)
{
	auto_close int fd = -1;

	if (depth == 0)
		return true;
	if (mkdirat(dir_fd, "d", 0755) < 0)
		return false;
	fd = openat(dir_fd, "d", O_PATH | O_CLOEXEC);
	return nest(fd, depth - 1);
}

static bool nesting_is_limited(void)
{
	auto_trees struct trees fits, over;

	return CHECK(trees_make(&over)) & CHECK(trees_make(&fits)) &&
	       CHECK(nest(fits.from_fd, 64)) &&
	       CHECK(copytree_copy(fits.from_fd, fits.to_fd) == 0) &&
	       CHECK(nest(over.from_fd, 65)) &&
	       CHECK(copytree_copy(over.from_fd, over.to_fd) == -ELOOP);
}

static bool what_is_there_is_not_overwritten(void)
{
	auto_trees struct trees t;
	struct stat st;

	return CHECK(trees_make(&t)) && CHECK(tmpdir_put(t.from_fd, "f", "new")) &&
	       CHECK(tmpdir_put(t.to_fd, "f", "older")) &&
	       CHECK(copytree_copy(t.from_fd, t.to_fd) == -EEXIST) &&
	       CHECK(fstatat(t.to_fd, "f", &st, 0) == 0) && CHECK(st.st_size == 5);
}

static bool other_filesystems_are_not_entered(void)
{
	auto_trees struct trees t;
	bool ok;

	ok = CHECK(trees_make(&t)) && CHECK(mkdirat(t.from_fd, "mounted", 0755) == 0) &&
	     CHECK(fchdir(t.from_fd) == 0) &&
	     CHECK(mount("tmpfs", "mounted", "tmpfs", 0, NULL) == 0) &&
	     CHECK(tmpdir_put(t.from_fd, "mounted/theirs", "")) &&
	     CHECK(copytree_copy(t.from_fd, t.to_fd) == 0) &&
	     CHECK(faccessat(t.to_fd, "mounted", F_OK, 0) == 0) &&
	     CHECK(faccessat(t.to_fd, "mounted/theirs", F_OK, 0) < 0);
	(void)umount2("mounted", MNT_DETACH);
	return ok;
}

int main(void)
{
	TEST(contents_modes_and_times_are_copied);
	if (geteuid() == 0)
		TEST(owners_and_devices_are_copied);
	else
		SKIP(owners_and_devices_are_copied, "needs root");
	TEST(links_are_copied_and_never_followed);
	TEST(large_files_and_full_directories_are_copied);
	TEST(nesting_is_limited);
	TEST(what_is_there_is_not_overwritten);
	TEST_MOUNTS(other_filesystems_are_not_entered);
	return tap_done();
}
