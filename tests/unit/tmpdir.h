/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A directory for one claim, which goes with everything in it at the end of its scope. */

#include "base/cleanup.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

struct tmpdir {
	char path[256];
	int fd; /* O_PATH; -1: it could not be made */
};

#define auto_tmpdir auto_cleanup(tmpdir_done)

static inline void tmpdir_make(struct tmpdir *dir)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(dir->path, sizeof(dir->path), "%s/tare-XXXXXX", base ? base : "/tmp");
	dir->fd = mkdtemp(dir->path) ? open(dir->path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
}

static inline int tmpdir_remove_entry(const char *path, const struct stat *st, int kind,
				      struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	(void)remove(path);
	return 0;
}

static inline void tmpdir_done(struct tmpdir *dir)
{
	if (dir->fd < 0)
		return;
	closep(&dir->fd);
	while (umount2(dir->path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		; /* what a claim mounted on it, in a namespace of its own */
	(void)nftw(dir->path, tmpdir_remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* Write `text` into the new file `name`. */
static inline bool tmpdir_put(int dir_fd, const char *name, const char *text)
{
	auto_close int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	size_t len = strlen(text);

	return fd >= 0 && write(fd, text, len) == (ssize_t)len;
}

/* Do `a_fd` and what `name` in `dir_fd` is, without following it, name one file? */
static inline bool tmpdir_is(int a_fd, int dir_fd, const char *name)
{
	struct stat a, b;

	return a_fd >= 0 && fstat(a_fd, &a) == 0 &&
	       fstatat(dir_fd, name, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}
