/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recursive copy by descriptors, for a tmpfs that starts with what it hides (tmpcopyup). The tree
 * is the image's, so nothing in it is followed: every entry is opened in its own directory with
 * O_NOFOLLOW, or not opened at all.
 */
#include "sys/copytree.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define MAX_DEPTH 64

struct dirent64_kernel {
	uint64_t ino;
	int64_t off;
	unsigned short reclen;
	unsigned char type;
	char name[];
};

static int copy_dir(int from_fd, int to_fd, int depth);

int copytree_bytes(int from_fd, int to_fd)
{
	for (;;) {
		ssize_t n = sendfile(to_fd, from_fd, NULL, (size_t)1 << 30);

		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
	}
}

static int copy_file(int from_dir, int to_dir, const char *name, mode_t mode)
{
	auto_close int from_fd =
		openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_close int to_fd =
		openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (from_fd < 0 || to_fd < 0)
		return -errno;
	return copytree_bytes(from_fd, to_fd);
}

int copytree_link(int from_dir, int to_dir, const char *name)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(from_dir, name, target, sizeof(target) - 1);

	if (len < 0)
		return -errno;
	target[len] = '\0';
	return symlinkat(target, to_dir, name) < 0 ? -errno : 0;
}

/* Are both directories of one filesystem? */
static bool is_one_filesystem(int a_fd, int b_fd)
{
	struct stat a, b;

	return fstat(a_fd, &a) == 0 && fstat(b_fd, &b) == 0 && a.st_dev == b.st_dev;
}

static int copy_subdir(int from_dir, int to_dir, const char *name, int depth)
{
	auto_close int from_fd = -1, to_fd = -1;

	if (mkdirat(to_dir, name, 0700) < 0)
		return -errno;
	from_fd = openat(from_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	to_fd = openat(to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (from_fd < 0 || to_fd < 0)
		return -errno;
	if (!is_one_filesystem(from_dir, from_fd))
		return 0; /* a place to mount on, as it is */
	return copy_dir(from_fd, to_fd, depth + 1);
}

int copytree_attributes(int to_dir, const char *name, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (fchownat(to_dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISLNK(st->st_mode) && fchmodat(to_dir, name, st->st_mode & 07777, 0) < 0)
		return -errno;
	return utimensat(to_dir, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int copy_entry(int from_dir, int to_dir, const char *name, int depth)
{
	struct stat st;
	int r;

	if (fstatat(from_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		r = copy_subdir(from_dir, to_dir, name, depth);
	else if (S_ISREG(st.st_mode))
		r = copy_file(from_dir, to_dir, name, 0600);
	else if (S_ISLNK(st.st_mode))
		r = copytree_link(from_dir, to_dir, name);
	else
		r = mknodat(to_dir, name, st.st_mode, st.st_rdev) < 0 ? -errno : 0;
	return r < 0 ? r : copytree_attributes(to_dir, name, &st);
}

static int copy_entries(int from_fd, int to_fd, const char *bytes, long len, int depth)
{
	for (long pos = 0; pos < len;) {
		const struct dirent64_kernel *entry = (const void *)(bytes + pos);
		int r = 0;

		if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0)
			r = copy_entry(from_fd, to_fd, entry->name, depth);
		if (r < 0)
			return r;
		pos += entry->reclen;
	}
	return 0;
}

static int copy_dir(int from_fd, int to_fd, int depth)
{
	_Alignas(struct dirent64_kernel) char bytes[4096];

	if (depth > MAX_DEPTH)
		return -ELOOP;
	for (;;) {
		long n = syscall(SYS_getdents64, from_fd, bytes, sizeof(bytes));
		int r;

		if (n <= 0)
			return n < 0 ? -errno : 0;
		r = copy_entries(from_fd, to_fd, bytes, n, depth);
		if (r < 0)
			return r;
	}
}

int copytree_copy(int from_fd, int to_fd)
{
	struct stat st;
	int r = copy_dir(from_fd, to_fd, 0);

	if (r < 0)
		return r;
	if (fstat(from_fd, &st) < 0)
		return -errno;
	return copytree_attributes(to_fd, ".", &st);
}
