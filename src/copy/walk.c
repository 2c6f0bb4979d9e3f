/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk holds a descriptor for each level and never goes up, so what is moved meanwhile leads it
 * nowhere. What it opened as a file it opens again for reading by that descriptor's name in our own
 * /proc: a device that took its place in between can't be what is opened.
 */
#include "copy/walk.h"

#include "base/arena.h"
#include "base/buf.h"
#include "layer/tree_xattrs.h"
#include "sys/first_names.h"
#include "sys/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH    256

struct walk {
	const struct copy_walk *request;
	struct copy_seen *seen;
	int fds_fd;       /* our own descriptors in /proc */
	struct buf path;  /* of where we are, in the copy */
	struct first_names names;
};

/* Where one thing is. */
struct spot {
	int dir_fd;
	const char *name;
	unsigned depth;
};

static int walk_dir(struct walk *walk, int fd, unsigned depth, struct err *err);

/* ------------------------------------------------------------------------------- what it is */

/* Of a file or directory that is held by an O_PATH descriptor, one to read. */
static int open_again(const struct walk *walk, int fd, int flags, int *ret_fd, struct err *err)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "%d", fd);
	*ret_fd = openat(walk->fds_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);
	return *ret_fd < 0 ? err_sys(err, errno, "open") : 0;
}

/* People's own attributes, and what a program may do; all else says something about the place. */
static bool is_copied(const char *name)
{
	return strncmp(name, "user.", 5) == 0 || strcmp(name, "security.capability") == 0;
}

static int read_xattrs(const struct spot *spot, struct arena *arena, struct copy_item *item,
		       struct err *err)
{
	struct tree_xattrs xattrs;
	int r = tree_xattrs_read(spot->dir_fd, spot->name, arena, &xattrs, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < xattrs.n; i++)
		if (is_copied(xattrs.list[i].name))
			xattrs.list[item->n_xattrs++] = xattrs.list[i];
	item->xattrs = xattrs.list;
	return 0;
}

static int leave_out(struct walk *walk)
{
	struct copy_seen *seen = walk->seen;

	if (!seen->left_out++)
		(void)snprintf(seen->left_out_path, sizeof(seen->left_out_path), "%s",
			       buf_str(&walk->path));
	return 0;
}

/* ------------------------------------------------------------------------------- by type */

static int put(const struct walk *walk, const struct copy_item *item, struct err *err)
{
	const struct copy_sink *sink = walk->request->sink;

	return sink->put(sink->context, item, err);
}

static int put_file(struct walk *walk, int fd, struct copy_item *item, struct err *err)
{
	auto_close int read_fd = -1;
	int r;

	if (item->st.st_nlink > 1)
		item->first = first_names_find(&walk->names, &item->st,
					       buf_str(&walk->path));
	r = item->first ? 0 : open_again(walk, fd, 0, &read_fd, err);
	item->fd = read_fd;
	return r < 0 ? r : put(walk, item, err);
}

static int put_link(struct walk *walk, int fd, struct copy_item *item, struct err *err)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(fd, "", target, sizeof(target) - 1);

	if (len < 0)
		return err_sys(err, errno, "read the link");
	target[len] = '\0';
	item->target = target;
	return put(walk, item, err);
}

/* The path is put together in one place, which may move meanwhile. */
static int put_dir(struct walk *walk, int fd, struct copy_item *item, unsigned depth,
		   struct err *err)
{
	const struct copy_sink *sink = walk->request->sink;
	int read_fd = -1, r = put(walk, item, err);

	if (r == 0)
		r = open_again(walk, fd, O_DIRECTORY, &read_fd, err);
	if (r == 0)
		r = walk_dir(walk, read_fd, depth, err);
	item->path = buf_str(&walk->path);
	return r < 0 ? r : sink->leave(sink->context, item, err);
}

static int put_by_type(struct walk *walk, int fd, const struct spot *spot, struct copy_item *item,
		       struct err *err)
{
	switch (item->st.st_mode & S_IFMT) {
	case S_IFREG:
		return put_file(walk, fd, item, err);
	case S_IFDIR:
		return put_dir(walk, fd, item, spot->depth, err);
	case S_IFLNK:
		return put_link(walk, fd, item, err);
	case S_IFIFO:
		return put(walk, item, err);
	default:
		return leave_out(walk);
	}
}

/* ------------------------------------------------------------------------------- the walk */

static bool has_xattrs(const struct stat *st)
{
	return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

/* What is gone since it was listed was never there. */
static int walk_spot(struct walk *walk, const struct spot *spot, const char *name,
		     struct err *err)
{
	auto_arena struct arena arena = {};
	struct copy_item item = { .path = buf_str(&walk->path), .name = name, .fd = -1 };
	const struct copy_ids *ids = &walk->request->ids;
	auto_close int fd = openat(spot->dir_fd, spot->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int r = 0;

	if (fd < 0 && errno == ENOENT && spot->depth)
		return 0;
	if (fd < 0 || fstat(fd, &item.st) < 0)
		return err_sys(err, errno, "look at it");
	if (has_xattrs(&item.st))
		r = read_xattrs(spot, &arena, &item, err);
	if (r == -ENOENT && spot->depth)
		return 0;
	item.st.st_uid = copy_id_inside(ids, item.st.st_uid);
	item.st.st_gid = copy_id_inside(ids, item.st.st_gid);
	return r < 0 ? r : put_by_type(walk, fd, spot, &item, err);
}

/* After an error the path stays where that was. */
static int walk_name(struct walk *walk, int dir_fd, const char *name, unsigned depth,
		     struct err *err)
{
	const struct spot spot = { dir_fd, name, depth };
	size_t len = walk->path.len;
	int r;

	buf_printf(&walk->path, "%s%s", len ? "/" : "", name);
	if (walk->path.len >= PATH_MAX)
		return err_set(err, ERR_USAGE, ENAMETOOLONG, "the path is too long");
	if (depth > MAX_DEPTH)
		return err_set(err, ERR_USAGE, ELOOP, "nested more than %d deep", MAX_DEPTH);
	r = walk_spot(walk, &spot, name, err);
	if (r < 0)
		return r;
	walk->path.len = len;
	walk->path.data[len] = '\0';
	return 0;
}

/* All names first: what is made in the directory while it is copied is not found again. */
static int read_names(DIR *dir, struct arena *arena, struct buf *list, struct err *err)
{
	struct dirent *entry;

	while ((errno = 0, entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		name = arena_strdup(arena, name);
		buf_add(list, &name, sizeof(name));
	}
	return errno ? err_sys(err, errno, "list") : 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Takes the descriptor. */
static int walk_dir(struct walk *walk, int fd, unsigned depth, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf list = {};
	auto_closedir DIR *dir = fdopendir(fd);
	const char **names;
	size_t n;
	int r;

	if (!dir) {
		(void)close(fd);
		return err_sys(err, errno, "list");
	}
	r = read_names(dir, &arena, &list, err);
	names = (const char **)(void *)list.data;
	n = list.len / sizeof(*names);
	if (n)
		qsort(names, n, sizeof(*names), compare);
	for (size_t i = 0; i < n && r == 0; i++)
		r = walk_name(walk, dirfd(dir), names[i], depth + 1, err);
	return r;
}

static int open_fds(int *ret_fd, struct err *err)
{
	auto_close int proc_fd = -1;
	int r = proc_open(&proc_fd, err);

	if (r < 0)
		return r;
	*ret_fd = openat(proc_fd, "self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys(err, errno, "open '/proc/self/fd'") : 0;
}

int copy_walk(const struct copy_walk *request, struct copy_seen *ret, struct err *err)
{
	const struct spot spot = { request->dir_fd, request->name, 0 };
	auto_arena struct arena arena = {};
	struct walk *walk = arena_new(&arena, struct walk);
	auto_close int fds_fd = -1;
	int r = open_fds(&fds_fd, err);

	*ret = (struct copy_seen){};
	walk->request = request;
	walk->seen = ret;
	walk->fds_fd = fds_fd;
	buf_puts(&walk->path, request->as);
	if (r == 0)
		r = walk_spot(walk, &spot, request->as, err);
	if (r < 0)
		(void)err_wrap(err, "'%.200s'", *buf_str(&walk->path) ? buf_str(&walk->path) : ".");
	buf_done(&walk->path);
	first_names_done(&walk->names);
	return r;
}
