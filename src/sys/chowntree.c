/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory changes hands after all that is in it, so that one that was interrupted is walked
 * again. Names may change meanwhile: each is opened or given away below the directory that is open,
 * and never through a link. A level costs one descriptor.
 */
#include "sys/chowntree.h"

#include "sys/each_name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 512

struct walk {
	dev_t dev;
	uid_t uid;
	gid_t gid;
	unsigned depth; /* of the directory that is read */
};

static int give(const struct walk *walk, int dir_fd, const char *name, const struct stat *st)
{
	if (st->st_uid == walk->uid && st->st_gid == walk->gid)
		return 0;
	if (fchownat(dir_fd, name, walk->uid, walk->gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0)
		return errno == ENOENT ? 0 : -errno;
	return 0;
}

static int walk_entry(void *data, int dir_fd, const char *name)
{
	const struct walk *walk = data;
	struct walk below = *walk;
	struct stat st;
	int fd, r;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (st.st_dev != walk->dev)
		return 0;
	if (!S_ISDIR(st.st_mode))
		return give(walk, dir_fd, name, &st);
	if (below.depth++ == MAX_DEPTH)
		return -ELOOP;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	r = each_name(fd, walk_entry, &below);
	return r < 0 ? r : give(walk, dir_fd, name, &st);
}

int chowntree(int fd, uid_t uid, gid_t gid)
{
	struct walk walk = { .uid = uid, .gid = gid };
	struct stat st;
	int r = 0, dir_fd;

	if (fstat(fd, &st) < 0)
		return -errno;
	walk.dev = st.st_dev;
	if (S_ISDIR(st.st_mode)) {
		dir_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = dir_fd < 0 ? -errno : each_name(dir_fd, walk_entry, &walk);
	}
	return r < 0 ? r : give(&walk, fd, "", &st);
}
