/* SPDX-License-Identifier: Apache-2.0 */
#include "copies.h"

#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>

static bool modes_times_holes_and_names_are_kept(void)
{
	const struct timespec times[2] = { { 1000, 7 }, { 2000, 9 } };
	auto_copies struct copies c;
	struct stat st, other;

	return CHECK(copies_make(&c)) && CHECK(mkdirat(c.root_fd, "a", 0751) == 0) &&
	       CHECK(mkdirat(c.root_fd, "a/b", 0500) == 0) &&
	       CHECK(tmpdir_put(c.root_fd, "a/file", "text")) &&
	       CHECK(fchmodat(c.root_fd, "a/file", 0604, 0) == 0) &&
	       CHECK(linkat(c.root_fd, "a/file", c.root_fd, "a/b/again", 0) == 0) &&
	       CHECK(utimensat(c.root_fd, "a/file", times, 0) == 0) &&
	       CHECK(utimensat(c.root_fd, "a", times, 0) == 0) &&
	       CHECK(copies_copy(&c, "/a", "/copy", false) == 0) &&
	       CHECK(fstatat(c.root_fd, "copy/file", &st, 0) == 0) &&
	       CHECK((st.st_mode & 07777) == 0604) && CHECK(st.st_mtim.tv_nsec == 9) &&
	       CHECK(st.st_nlink == 2) &&
	       CHECK(fstatat(c.root_fd, "copy/b/again", &other, 0) == 0) &&
	       CHECK(st.st_ino == other.st_ino) && CHECK(fstatat(c.root_fd, "copy", &st, 0) == 0) &&
	       CHECK((st.st_mode & 07777) == 0751) && CHECK(st.st_mtim.tv_sec == 2000);
}

static bool what_lets_a_program_act_as_its_owner_is_lost(void)
{
	auto_copies struct copies c;
	struct stat st;

	return CHECK(copies_make(&c)) && CHECK(tmpdir_put(c.root_fd, "su", "")) &&
	       CHECK(fchownat(c.root_fd, "su", 7, 8, 0) == 0) &&
	       CHECK(fchmodat(c.root_fd, "su", 06755, 0) == 0) &&
	       CHECK(copies_copy(&c, "/su", "/copy", false) == 0) &&
	       CHECK(fstatat(c.root_fd, "copy", &st, 0) == 0) &&
	       CHECK((st.st_mode & 07777) == 0755) && CHECK(st.st_uid == geteuid()) &&
	       CHECK(st.st_gid == getegid());
}

/* A link that has the name of what is made is replaced, and what it leads to stays as it is. */
static bool links_in_the_way_are_not_followed(void)
{
	auto_copies struct copies c;

	return CHECK(copies_make(&c)) && CHECK(tmpdir_put(c.out_fd, "victim", "old")) &&
	       CHECK(mkdirat(c.root_fd, "a", 0755) == 0) &&
	       CHECK(tmpdir_put(c.root_fd, "a/file", "new")) &&
	       CHECK(mkdirat(c.root_fd, "to", 0755) == 0) &&
	       CHECK(symlinkat("../../outside/victim", c.root_fd, "to/file") == 0) &&
	       CHECK(copies_copy(&c, "/a/.", "/to", false) == 0) &&
	       CHECK(copies_has(c.out_fd, "victim", "old")) &&
	       CHECK(copies_has(c.root_fd, "to/file", "new")) &&
	       CHECK(mkdirat(c.root_fd, "a/dir", 0755) == 0) &&
	       CHECK(tmpdir_put(c.root_fd, "a/dir/x", "")) &&
	       CHECK(symlinkat("../../outside", c.root_fd, "to/dir") == 0) &&
	       CHECK(copies_copy(&c, "/a/.", "/to", false) == -ENOTDIR) &&
	       CHECK(copies_lacks(c.out_fd, "x"));
}

static bool make_socket(int dir_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fchdir(dir_fd) == 0 &&
	       bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

/* A fifo that was opened would hold us up. */
static bool devices_and_sockets_are_left_out(void)
{
	auto_copies struct copies c;
	auto_close int a_fd = -1;
	struct stat st;

	return CHECK(copies_make(&c)) && CHECK(mkdirat(c.root_fd, "a", 0755) == 0) &&
	       CHECK((a_fd = openat(c.root_fd, "a", O_PATH | O_CLOEXEC)) >= 0) &&
	       CHECK(mkfifoat(a_fd, "fifo", 0640) == 0) && CHECK(make_socket(a_fd)) &&
	       CHECK(mknodat(a_fd, "null", S_IFCHR | 0666, makedev(1, 3)) == 0) &&
	       CHECK(copies_copy(&c, "/a", "/copy", false) == 0) &&
	       CHECK(c.seen.left_out == 2) && CHECK_STR(c.seen.left_out_path, "copy/null") &&
	       CHECK(copies_lacks(c.root_fd, "copy/null")) &&
	       CHECK(copies_lacks(c.root_fd, "copy/socket")) &&
	       CHECK(fstatat(c.root_fd, "copy/fifo", &st, 0) == 0) && CHECK(S_ISFIFO(st.st_mode)) &&
	       CHECK((st.st_mode & 07777) == 0640);
}

static bool directories_that_are_there_stay_what_they_are(void)
{
	auto_copies struct copies c;
	struct stat st;

	return CHECK(copies_make(&c)) && CHECK(mkdirat(c.root_fd, "a", 0700) == 0) &&
	       CHECK(tmpdir_put(c.root_fd, "a/file", "")) &&
	       CHECK(mkdirat(c.root_fd, "tmp", 01777) == 0) &&
	       CHECK(copies_copy(&c, "/a/.", "/tmp", false) == 0) &&
	       CHECK(fstatat(c.root_fd, "tmp", &st, 0) == 0) &&
	       CHECK((st.st_mode & 07777) == 01777);
}

static bool files_of_the_kernels_have_contents(void)
{
	auto_copies struct copies c;
	struct stat st;
	char target[PATH_MAX];

	if (!CHECK(copies_make(&c)))
		return false;
	(void)snprintf(target, sizeof(target), "/%s/outside/version", c.dir.path);
	return CHECK(copies_copy(&c, "//proc/version", target, false) == 0) &&
	       CHECK(fstatat(c.out_fd, "version", &st, 0) == 0) && CHECK(st.st_size > 10);
}

int main(void)
{
	TEST(modes_times_holes_and_names_are_kept);
	TEST(links_in_the_way_are_not_followed);
	TEST(directories_that_are_there_stay_what_they_are);
	TEST(files_of_the_kernels_have_contents);
	if (geteuid() == 0) {
		TEST(what_lets_a_program_act_as_its_owner_is_lost);
		TEST(devices_and_sockets_are_left_out);
	} else {
		SKIP(what_lets_a_program_act_as_its_owner_is_lost, "needs root");
		SKIP(devices_and_sockets_are_left_out, "needs root");
	}
	return tap_done();
}
