/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sum tells whether a tree is still the one it was; it is no defence against who wants it to
 * look so. Each name adds a number of its own (FNV-1a over what is known of it and of the directory
 * it is in), so that the order in which a directory is read does not matter. A directory's size is
 * its filesystem's business and is left out.
 */
#include "sys/measure.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_DEPTH 512

#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

struct walk {
	dev_t dev;
	struct measure *ret;
};

static int walk_dir(struct walk *walk, int fd, uint64_t above, unsigned depth);

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

static int walk_entry(struct walk *walk, int dir_fd, const char *name, uint64_t above,
		      unsigned depth)
{
	struct measure *ret = walk->ret;
	struct stat st;
	uint64_t sum;
	int fd;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	sum = sum_of(above, name, &st);
	ret->names++;
	ret->sum += sum;
	if (S_ISREG(st.st_mode))
		ret->file_bytes += (uint64_t)st.st_size;
	if (st.st_uid > ret->max_id)
		ret->max_id = st.st_uid;
	if (st.st_gid > ret->max_id)
		ret->max_id = st.st_gid;
	if (!S_ISDIR(st.st_mode) || st.st_dev != walk->dev)
		return 0;
	if (depth == MAX_DEPTH)
		return -ELOOP;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == EACCES ? 0 : -errno;
	return walk_dir(walk, fd, sum, depth + 1);
}

/* Consumes `fd`: a level costs one descriptor. */
static int walk_dir(struct walk *walk, int fd, uint64_t above, unsigned depth)
{
	DIR *stream = fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!stream) {
		r = -errno;
		closep(&fd);
		return r;
	}
	while (r == 0 && (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = walk_entry(walk, fd, entry->d_name, above, depth);
	(void)closedir(stream);
	return r;
}

int measure_dir(int dir_fd, struct measure *ret)
{
	struct walk walk = { .ret = ret };
	struct stat st;
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret = (struct measure){};
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0)
		walk.dev = st.st_dev;
	return walk_dir(&walk, fd, FNV_START, 0);
}
