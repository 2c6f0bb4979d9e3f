/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/chowntree.h"

#include "mounts.h"
#include "tmpdir.h"

#include <errno.h>

static bool is_of(int dir_fd, const char *name, uid_t uid, gid_t gid)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_uid == uid &&
	       st.st_gid == gid;
}

static bool all_of_it_changes_hands_and_no_link_is_followed(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = -1;

	tmpdir_make(&dir);
	if (!CHECK(mkdirat(dir.fd, "tree", 0755) == 0) ||
	    !CHECK(mkdirat(dir.fd, "tree/a", 0700) == 0) ||
	    !CHECK(tmpdir_put(dir.fd, "tree/a/file", "")) ||
	    !CHECK(tmpdir_put(dir.fd, "kept", "")) ||
	    !CHECK(symlinkat("../kept", dir.fd, "tree/link") == 0) ||
	    !CHECK(symlinkat("..", dir.fd, "tree/a/up") == 0))
		return false;
	fd = openat(dir.fd, "tree", O_PATH | O_CLOEXEC);
	return CHECK(chowntree(fd, 7, 8) == 0) && CHECK(is_of(dir.fd, "tree", 7, 8)) &&
	       CHECK(is_of(dir.fd, "tree/a", 7, 8)) && CHECK(is_of(dir.fd, "tree/a/file", 7, 8)) &&
	       CHECK(is_of(dir.fd, "tree/link", 7, 8)) && CHECK(is_of(dir.fd, "kept", 0, 0));
}

static bool a_file_alone(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = -1;

	tmpdir_make(&dir);
	if (!CHECK(tmpdir_put(dir.fd, "one", "")) || !CHECK(tmpdir_put(dir.fd, "other", "")))
		return false;
	fd = openat(dir.fd, "one", O_PATH | O_CLOEXEC);
	return CHECK(chowntree(fd, 7, 8) == 0) && CHECK(is_of(dir.fd, "one", 7, 8)) &&
	       CHECK(is_of(dir.fd, "other", 0, 0));
}

static bool what_is_too_deep_is_said(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = -1, at = -1;

	tmpdir_make(&dir);
	at = openat(dir.fd, ".", O_PATH | O_CLOEXEC);
	for (int i = 0; i < 514; i++) {
		int next;

		if (!CHECK(mkdirat(at, "d", 0755) == 0))
			return false;
		next = openat(at, "d", O_PATH | O_CLOEXEC);
		(void)close(at);
		at = next;
	}
	fd = openat(dir.fd, ".", O_PATH | O_CLOEXEC);
	return CHECK(chowntree(fd, 7, 8) == -ELOOP) && CHECK(is_of(dir.fd, ".", 0, 0));
}

int main(void)
{
	if (geteuid() != 0) {
		SKIP(all_of_it_changes_hands_and_no_link_is_followed, "needs root");
		return tap_done();
	}
	TEST(all_of_it_changes_hands_and_no_link_is_followed);
	TEST(a_file_alone);
	TEST(what_is_too_deep_is_said);
	return tap_done();
}
