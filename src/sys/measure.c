/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sum tells whether a tree is still the one it was; it is no defence against who wants it to
 * look so. Each name adds a number of its own (FNV-1a over what is known of it and of the directory
 * it is in), so that the order in which a directory is read does not matter. A directory's size is
 * its filesystem's business and is left out. A level costs one descriptor.
 */
#include "sys/measure.h"

#include "sys/each_name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_DEPTH 512

#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

struct walk {
	dev_t dev;
	struct measure *ret;
	uint64_t sum;   /* of the directory that is read */
	unsigned depth; /* its own */
};

static uint64_t add(uint64_t sum, const void *bytes, size_t n)
{
	const unsigned char *next = bytes;

	while (n--)
		sum = (sum ^ *next++) * FNV_PRIME;
	return sum;
}

static uint64_t sum_of(uint64_t above, const char *name, const struct stat *st)
{
	const uint64_t facts[] = {
		st->st_mode,
		st->st_uid,
		st->st_gid,
		S_ISDIR(st->st_mode) ? 0 : (uint64_t)st->st_size,
		st->st_rdev,
		(uint64_t)st->st_mtim.tv_sec,
		(uint64_t)st->st_mtim.tv_nsec,
	};

	return add(add(above, name, strlen(name) + 1), facts, sizeof(facts));
}

static int walk_entry(void *data, int dir_fd, const char *name)
{
	const struct walk *walk = data;
	struct measure *ret = walk->ret;
	struct walk below = *walk;
	struct stat st;
	int fd;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	below.sum = sum_of(walk->sum, name, &st);
	ret->names++;
	ret->sum += below.sum;
	if (S_ISREG(st.st_mode))
		ret->file_bytes += (uint64_t)st.st_size;
	if (st.st_uid > ret->max_id)
		ret->max_id = st.st_uid;
	if (st.st_gid > ret->max_id)
		ret->max_id = st.st_gid;
	if (!S_ISDIR(st.st_mode) || st.st_dev != walk->dev)
		return 0;
	if (below.depth++ == MAX_DEPTH)
		return -ELOOP;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == EACCES ? 0 : -errno;
	return each_name(fd, walk_entry, &below);
}

int measure_dir(int dir_fd, struct measure *ret)
{
	struct walk walk = { .ret = ret, .sum = FNV_START };
	struct stat st;
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret = (struct measure){};
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0)
		walk.dev = st.st_dev;
	return each_name(fd, walk_entry, &walk);
}
