/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each is made by a call that fails where there is something already; then that is taken away, and
 * the call is tried again. Who keeps putting something there is given up on.
 */
#include "copy/plant.h"

#include "base/cleanup.h"
#include "sys/mount.h"
#include "sys/rmtree.h"

#include <fcntl.h>
#include <sys/stat.h>

#define MAX_TRIES 64

/* Make it: a descriptor or 0, or -errno. */
typedef int make_fn(const struct plant *plant, const void *what);

static int not_cleared(int no, struct err *err)
{
	(void)err_sys(err, no, "replace what is there");
	return no == EBUSY ? err_hint(err, "something is mounted there: copy to where that comes "
					   "from") : -no;
}

/* A directory is only replaced by what is none if that is wanted. In the mount namespace of another
 * what is mounted there would not be in the way, but taken off with the name. */
static int clear_way(const struct plant *plant, struct err *err)
{
	auto_close int fd = openat(plant->dir_fd, plant->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return errno == ENOENT ? 0 : err_sys(err, errno, "look at what is there");
	if (!mount_is_same(fd, plant->dir_fd))
		return not_cleared(EBUSY, err);
	if (S_ISDIR(st.st_mode) && !plant->overwrite) {
		(void)err_set(err, ERR_CONFLICT, EISDIR, "there is a directory of that name");
		return err_hint(err, "with --overwrite it is replaced");
	}
	if (S_ISDIR(st.st_mode))
		r = rmtree(plant->dir_fd, plant->name);
	else if (unlinkat(plant->dir_fd, plant->name, 0) < 0 && errno != ENOENT)
		r = -errno;
	return r < 0 ? not_cleared(-r, err) : 0;
}

static int make(const struct plant *plant, make_fn *fn, const void *what, struct err *err)
{
	for (int tries = 0; tries < MAX_TRIES; tries++) {
		int r = fn(plant, what);

		if (r >= 0)
			return r;
		if (r != -EEXIST)
			return err_sys(err, -r, "make it");
		r = clear_way(plant, err);
		if (r < 0)
			return r;
	}
	return err_set(err, ERR_CONFLICT, EAGAIN, "something else is put there all the time");
}

/* ------------------------------------------------------------------------------- each */

static int make_file(const struct plant *plant, const void *what)
{
	int fd = openat(plant->dir_fd, plant->name,
			O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	(void)what;
	return fd < 0 ? -errno : fd;
}

int plant_file(const struct plant *plant, int *ret_fd, struct err *err)
{
	int r = make(plant, make_file, NULL, err);

	if (r < 0)
		return r;
	*ret_fd = r;
	return 0;
}

static int make_link(const struct plant *plant, const void *what)
{
	return symlinkat(what, plant->dir_fd, plant->name) < 0 ? -errno : 0;
}

int plant_link(const struct plant *plant, const char *target, struct err *err)
{
	return make(plant, make_link, target, err);
}

static int make_fifo(const struct plant *plant, const void *what)
{
	const mode_t *mode = what;

	return mkfifoat(plant->dir_fd, plant->name, *mode) < 0 ? -errno : 0;
}

int plant_fifo(const struct plant *plant, mode_t mode, struct err *err)
{
	return make(plant, make_fifo, &mode, err);
}

struct other_name {
	int dir_fd;
	const char *name;
};

/* Two names of one file already: nothing is to be done. */
static bool is_linked(const struct plant *plant, const struct other_name *other)
{
	struct stat a, b;

	return fstatat(plant->dir_fd, plant->name, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstatat(other->dir_fd, other->name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int make_hardlink(const struct plant *plant, const void *what)
{
	const struct other_name *other = what;

	if (linkat(other->dir_fd, other->name, plant->dir_fd, plant->name, 0) == 0)
		return 0;
	return errno == EEXIST && is_linked(plant, other) ? 0 : -errno;
}

int plant_hardlink(const struct plant *plant, int dir_fd, const char *name, struct err *err)
{
	const struct other_name other = { dir_fd, name };

	return make(plant, make_hardlink, &other, err);
}

/* ------------------------------------------------------------------------------- directories */

static int open_dir(const struct plant *plant)
{
	int fd = openat(plant->dir_fd, plant->name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int make_dir(const struct plant *plant, const void *what)
{
	(void)what;
	return mkdirat(plant->dir_fd, plant->name, 0700) < 0 ? -errno : 0;
}

/* One that is there: its descriptor, or -ENOENT: something else is, which may be replaced. */
static int join_dir(const struct plant *plant, struct err *err)
{
	int fd = open_dir(plant);

	if (fd >= 0)
		return fd;
	if (fd != -ENOTDIR && fd != -ELOOP)
		return fd == -ENOENT ? fd : err_sys(err, -fd, "open the directory there");
	if (plant->overwrite)
		return -ENOENT;
	(void)err_set(err, ERR_CONFLICT, ENOTDIR,
		      "there is something of that name that is no directory");
	return err_hint(err, "with --overwrite it is replaced");
}

int plant_dir(const struct plant *plant, bool *ret_is_new, int *ret_fd, struct err *err)
{
	int r = join_dir(plant, err);

	*ret_is_new = r == -ENOENT;
	if (r == -ENOENT) {
		r = make(plant, make_dir, NULL, err);
		if (r < 0)
			return r;
		r = open_dir(plant);
		if (r < 0)
			return err_sys(err, -r, "open the directory");
	}
	if (r < 0)
		return r;
	*ret_fd = r;
	return 0;
}
