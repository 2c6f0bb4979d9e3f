/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rotation makes the new file under another name, moves each older one up by one, gives the log a
 * second name, `log.1`, and then renames the new one over its first. Whoever is killed in between
 * leaves two names for one file, or a gap in the numbers, which the next rotation fills.
 */
#include "engine/log_files.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define LOG_NEW "log.new"

struct name {
	char text[16];
};

static struct name name_of(unsigned index)
{
	struct name name = { "log" };

	if (index)
		(void)snprintf(name.text, sizeof(name.text), "log.%u", index);
	return name;
}

static int open_named(int dir_fd, const char *name, int flags)
{
	int fd = openat(dir_fd, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

int log_files_append(int dir_fd, int *ret_fd, int64_t *ret_bytes, struct err *err)
{
	auto_close int fd = open_named(dir_fd, "log", O_RDWR | O_APPEND | O_CREAT);
	struct stat st;
	char last = '\n';

	if (fd < 0)
		return err_sys(err, -fd, "open the log");
	if (fstat(fd, &st) < 0 || (st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) < 0))
		return err_sys(err, errno, "read the log");
	*ret_bytes = st.st_size;
	*ret_fd = take_fd(&fd);
	return last != '\n';
}

struct log_place log_files_end(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? (struct log_place){}
				  : (struct log_place){ st.st_ino, st.st_size };
}

bool log_files_is_at(int fd, const struct log_place *place)
{
	return log_files_end(fd).file == place->file;
}

/* ------------------------------------------------------------------------------- rotation */

/* Free the number 1; what is the last already is lost. */
static int move_up(int dir_fd, unsigned max_files)
{
	unsigned gap = 1;

	while (gap < max_files - 1 && faccessat(dir_fd, name_of(gap).text, F_OK, 0) == 0)
		gap++;
	for (; gap > 1; gap--)
		if (renameat(dir_fd, name_of(gap - 1).text, dir_fd, name_of(gap).text) < 0)
			return -errno;
	/* Also what was renamed to itself: two names of one file. */
	return unlinkat(dir_fd, name_of(1).text, 0) < 0 && errno != ENOENT ? -errno : 0;
}

/* Where a file can't have two names there is no `log` for a moment. */
static int keep_old(int dir_fd, unsigned max_files)
{
	const struct name first = name_of(1);
	int r = max_files > 1 ? move_up(dir_fd, max_files) : 0;

	if (r < 0 || max_files < 2)
		return r;
	if (linkat(dir_fd, "log", dir_fd, first.text, 0) < 0 &&
	    renameat(dir_fd, "log", dir_fd, first.text) < 0)
		return -errno;
	return 0;
}

int log_files_rotate(int dir_fd, unsigned max_files, int *fd, struct err *err)
{
	auto_close int new_fd = open_named(dir_fd, LOG_NEW, O_RDWR | O_APPEND | O_CREAT | O_TRUNC);
	int r;

	if (new_fd < 0)
		return err_sys(err, -new_fd, "make a new log");
	r = keep_old(dir_fd, max_files);
	if (r == 0 && renameat(dir_fd, LOG_NEW, dir_fd, "log") < 0)
		r = -errno;
	if (r < 0)
		return err_sys(err, -r, "rotate the log");
	closep(fd);
	*fd = take_fd(&new_fd);
	return 0;
}

/* ------------------------------------------------------------------------------- reading */

int log_files_open(int dir_fd, unsigned index, bool make, int *ret_fd, struct err *err)
{
	int fd = open_named(dir_fd, name_of(index).text, make ? O_RDONLY | O_CREAT : O_RDONLY);

	if (fd == -ENOENT)
		return fd;
	if (fd < 0)
		return err_sys(err, -fd, "open the log");
	*ret_fd = fd;
	return 0;
}

int log_files_is_newest(int dir_fd, int fd)
{
	struct stat named, held;

	if (fstatat(dir_fd, "log", &named, AT_SYMLINK_NOFOLLOW) < 0 || fstat(fd, &held) < 0)
		return -errno;
	return named.st_ino == held.st_ino && named.st_dev == held.st_dev;
}

/* ------------------------------------------------------------------------------- the end */

static int remove_named(int dir_fd, const char *name)
{
	return unlinkat(dir_fd, name, 0) < 0 ? -errno : 0;
}

/* `log` goes last: where it is not, none is. */
int log_files_remove(int dir_fd)
{
	int r = faccessat(dir_fd, "log", F_OK, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (unsigned i = 1, missing = 0; missing < 2; i++) {
		r = remove_named(dir_fd, name_of(i).text);
		if (r < 0 && r != -ENOENT)
			return r;
		missing = r == -ENOENT ? missing + 1 : 0;
	}
	r = remove_named(dir_fd, LOG_NEW);
	if (r < 0 && r != -ENOENT)
		return r;
	r = remove_named(dir_fd, "log");
	return r == -ENOENT ? 0 : r;
}
