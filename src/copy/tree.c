/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A level of directories for each that is open in the source. A name is only ever used in the
 * directory that it was made in, but for that of a file with several: the directory of its first is
 * found again without following anything.
 */
#include "copy/tree.h"

#include "base/cleanup.h"
#include "sys/resolve.h"
#include "sys/sparse.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#define PROC_BYTES ((size_t)1 << 20)

void copy_tree_init(struct copy_tree *tree, int dir_fd)
{
	tree->n_levels = 1;
	tree->levels[0] = (struct copy_level){ dir_fd, false };
	tree->top = (struct stat){};
}

static void pop(struct copy_tree *tree)
{
	closep(&tree->levels[--tree->n_levels].fd);
}

void copy_tree_done(struct copy_tree *tree)
{
	while (tree->n_levels > 1)
		pop(tree);
}

static struct plant plant_of(const struct copy_tree *tree, const struct copy_item *item)
{
	return (struct plant){ tree->levels[tree->n_levels - 1].fd, item->name, tree->overwrite };
}

/* ------------------------------------------------------------------------------- files */

/* What does not say how long it is (procfs) is not long. */
static int copy_unsized(int from_fd, int to_fd)
{
	char piece[4096];
	size_t done = 0;

	while (done < PROC_BYTES) {
		ssize_t n = read(from_fd, piece, sizeof(piece));

		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && write(to_fd, piece, (size_t)n) != n)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int put_file(struct copy_tree *tree, const struct copy_item *item, struct err *err)
{
	const struct plant plant = plant_of(tree, item);
	auto_close int fd = -1;
	int r = plant_file(&plant, &fd, err);

	if (r < 0)
		return r;
	r = item->st.st_size ? sparse_copy(item->fd, fd, (uint64_t)item->st.st_size)
			     : copy_unsized(item->fd, fd);
	if (r < 0)
		return err_sys(err, -r, "copy its contents");
	return copy_owner_apply(&tree->owner, item, fd, err);
}

/* ------------------------------------------------------------------------------- others */

static int put_hardlink(struct copy_tree *tree, const struct copy_item *item, struct err *err)
{
	const struct plant plant = plant_of(tree, item);
	const char *slash = strrchr(item->first, '/');
	auto_close int dir_fd = -1;
	char parent[PATH_MAX] = ".";

	if (slash) {
		memcpy(parent, item->first, (size_t)(slash - item->first));
		parent[slash - item->first] = '\0';
	}
	dir_fd = resolve_open_plain(tree->levels[0].fd, parent, O_PATH | O_DIRECTORY);
	if (dir_fd < 0)
		return err_sys(err, -dir_fd, "find its other name '%s'", item->first);
	return plant_hardlink(&plant, dir_fd, slash ? slash + 1 : item->first, err);
}

static int put_named(struct copy_tree *tree, const struct copy_item *item, struct err *err)
{
	const struct plant plant = plant_of(tree, item);
	int r = item->target ? plant_link(&plant, item->target, err)
			     : plant_fifo(&plant, item->st.st_mode & 0777, err);

	return r < 0 ? r : copy_owner_apply_name(&tree->owner, item, &plant, err);
}

/* ------------------------------------------------------------------------------- directories */

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int push(struct copy_tree *tree, int *fd, bool is_new, struct err *err)
{
	if (tree->n_levels == COPY_TREE_DEPTH)
		return err_sys(err, ELOOP, "make a directory");
	if (tree->n_levels == 1 && fstat(*fd, &tree->top) < 0)
		return err_sys(err, errno, "look at the directory");
	tree->levels[tree->n_levels++] = (struct copy_level){ take_fd(fd), is_new };
	return 0;
}

/* Where contents alone are copied, the directory that they go to is it. */
static int open_contents(const struct copy_tree *tree, int *ret_fd, struct err *err)
{
	*ret_fd = openat(tree->levels[0].fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys(err, errno, "open the directory") : 0;
}

static int put_dir(struct copy_tree *tree, const struct copy_item *item, struct err *err)
{
	const struct plant plant = plant_of(tree, item);
	auto_close int fd = -1;
	bool is_new = false;
	int r;

	if (tree->n_levels > 1 && is_same(&item->st, &tree->top))
		return err_set(err, ERR_USAGE, EINVAL,
			       "a directory can't be copied into itself");
	r = *item->path ? plant_dir(&plant, &is_new, &fd, err) : open_contents(tree, &fd, err);
	return r < 0 ? r : push(tree, &fd, is_new, err);
}

static int leave(void *context, const struct copy_item *item, struct err *err)
{
	struct copy_tree *tree = context;
	const struct copy_level *level = &tree->levels[tree->n_levels - 1];
	int r = level->is_new ? copy_owner_apply(&tree->owner, item, level->fd, err) : 0;

	pop(tree);
	return r;
}

static int put(void *context, const struct copy_item *item, struct err *err)
{
	struct copy_tree *tree = context;

	if (item->first)
		return put_hardlink(tree, item, err);
	if (S_ISDIR(item->st.st_mode))
		return put_dir(tree, item, err);
	return S_ISREG(item->st.st_mode) ? put_file(tree, item, err) : put_named(tree, item, err);
}

struct copy_sink copy_tree_sink(struct copy_tree *tree)
{
	return (struct copy_sink){ put, leave, tree };
}
