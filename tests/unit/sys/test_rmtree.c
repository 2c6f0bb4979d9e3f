/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/rmtree.h"

#include "mounts.h"
#include "tmpdir.h"

#include <errno.h>

static bool is_there(int dir_fd, const char *name)
{
	return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool what_is_not_there_is_removed(void)
{
	auto_tmpdir struct tmpdir dir;

	tmpdir_make(&dir);
	return CHECK(rmtree(dir.fd, "nothing") == 0);
}

static bool links_are_removed_and_not_followed(void)
{
	auto_tmpdir struct tmpdir dir;

	tmpdir_make(&dir);
	return CHECK(mkdirat(dir.fd, "kept", 0755) == 0) &&
	       CHECK(tmpdir_put(dir.fd, "kept/canary", "")) &&
	       CHECK(mkdirat(dir.fd, "tree", 0755) == 0) &&
	       CHECK(symlinkat("../kept", dir.fd, "tree/link") == 0) &&
	       CHECK(symlinkat("kept", dir.fd, "link") == 0) &&
	       CHECK(mkfifoat(dir.fd, "tree/fifo", 0644) == 0) &&
	       CHECK(rmtree(dir.fd, "tree") == 0) && CHECK(rmtree(dir.fd, "link") == 0) &&
	       CHECK(!is_there(dir.fd, "tree")) && CHECK(!is_there(dir.fd, "link")) &&
	       CHECK(is_there(dir.fd, "kept/canary"));
}

/* Deeper than a path may be long, and than a process has descriptors. */
static bool depth_is_no_obstacle(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = -1;

	tmpdir_make(&dir);
	fd = openat(dir.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (unsigned i = 0; i < 3000; i++) {
		int next = -1;

		if (mkdirat(fd, "d", 0755) == 0 && tmpdir_put(fd, "file", ""))
			next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		closep(&fd);
		fd = next;
		if (!CHECK(fd >= 0))
			return false;
	}
	return CHECK(rmtree(dir.fd, "d") == 0) && CHECK(!is_there(dir.fd, "d"));
}

static bool several_are_removed_side_by_side(void)
{
	const char *const names[] = { "a", "none", "b", "c", "d", "e", "f" };
	auto_tmpdir struct tmpdir dir;
	bool is_good = true;

	tmpdir_make(&dir);
	for (size_t i = 0; i < 7 && is_good; i++) {
		char path[32];

		if (i == 1)
			continue;
		(void)snprintf(path, sizeof(path), "%s/file", names[i]);
		is_good = CHECK(mkdirat(dir.fd, names[i], 0755) == 0) &&
			  CHECK(tmpdir_put(dir.fd, path, ""));
	}
	is_good = is_good && CHECK(mkdirat(dir.fd, "kept", 0755) == 0);
	rmtree_all(dir.fd, names, 7);
	rmtree_all(dir.fd, names, 0);
	for (size_t i = 0; i < 7 && is_good; i++)
		is_good = CHECK(!is_there(dir.fd, names[i]));
	return is_good && CHECK(is_there(dir.fd, "kept"));
}

static bool another_filesystem_is_left_alone(void)
{
	auto_tmpdir struct tmpdir dir;
	char path[512];

	tmpdir_make(&dir);
	(void)snprintf(path, sizeof(path), "%s/tree/mounted", dir.path);
	return CHECK(mkdirat(dir.fd, "tree", 0755) == 0) &&
	       CHECK(mkdirat(dir.fd, "tree/mounted", 0755) == 0) &&
	       CHECK(tmpdir_put(dir.fd, "tree/file", "")) &&
	       CHECK(mount("tmpfs", path, "tmpfs", 0, NULL) == 0) &&
	       CHECK(tmpdir_put(dir.fd, "tree/mounted/canary", "")) &&
	       CHECK(rmtree(dir.fd, "tree") == -EXDEV) &&
	       CHECK(is_there(dir.fd, "tree/mounted/canary")) &&
	       CHECK(!is_there(dir.fd, "tree/file")) && CHECK(umount(path) == 0);
}

int main(void)
{
	TEST(what_is_not_there_is_removed);
	TEST(links_are_removed_and_not_followed);
	TEST(depth_is_no_obstacle);
	TEST(several_are_removed_side_by_side);
	TEST_MOUNTS(another_filesystem_is_left_alone);
	return tap_done();
}
