/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers copied into one directory, the lowest first, as overlayfs would show them. The last
 * resort: it costs what the image weighs, and what the container changes is told by comparing all.
 * Where the file system shares extents (FICLONE) the bytes are not copied.
 */
#include "snapshot/drivers.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "sys/copytree.h"
#include "sys/cred.h"
#include "sys/mount.h"
#include "sys/overlayfs.h"
#include "sys/resolve.h"
#include "sys/rmtree.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define MAX_DEPTH     256 /* of directories in each other, as of a layer */
#define LINK_BUCKETS  256
#define COPY_UNWHOLE  SNAPSHOT_COPY ".new"
#define XATTR_MAX     65536 /* bytes of all names, and of one value: the kernel's own limits */

/* A file of the layer that has more than one name, and where the first of them was copied to. */
struct link {
	struct link *next;
	ino_t ino;
	char *path;
};

struct copy {
	int root_fd;           /* what it is copied to */
	bool is_named;         /* whiteouts are said by names: sys/overlayfs.h */
	struct arena arena;    /* of links, for one layer */
	struct link *links[LINK_BUCKETS];
	struct buf path;       /* of where we are, without a slash before it */
};

/* A directory of the layer, and its copy. */
struct pair {
	int from_fd, to_fd;
	unsigned depth;
};

static int copy_dir(struct copy *copy, const struct pair *dir);

/* ------------------------------------------------------------------------------- attributes */

static int copy_xattr(int from_fd, int to_fd, const char *name, char *value)
{
	ssize_t n;

	if (overlayfs_is_xattr(name))
		return 0;
	n = fgetxattr(from_fd, name, value, XATTR_MAX);
	if (n < 0)
		return errno == ENODATA ? 0 : -errno;
	if (fsetxattr(to_fd, name, value, (size_t)n, 0) < 0)
		return errno == EOPNOTSUPP ? 0 : -errno;
	return 0;
}

static int copy_xattrs(struct copy *copy, int from_fd, int to_fd)
{
	ssize_t n = flistxattr(from_fd, NULL, 0);
	char *names, *value;
	int r = 0;

	if (n <= 0)
		return n < 0 && errno != EOPNOTSUPP ? -errno : 0;
	names = arena_alloc(&copy->arena, XATTR_MAX);
	value = arena_alloc(&copy->arena, XATTR_MAX);
	n = flistxattr(from_fd, names, XATTR_MAX);
	if (n < 0)
		return -errno;
	for (const char *name = names; r == 0 && name < names + n; name += strlen(name) + 1)
		r = copy_xattr(from_fd, to_fd, name, value);
	return r;
}

/* ------------------------------------------------------------------------------- files */

static int copy_bytes(int from_fd, int to_fd)
{
	return ioctl(to_fd, FICLONE, from_fd) == 0 ? 0 : copytree_bytes(from_fd, to_fd);
}

static int copy_file(struct copy *copy, const struct pair *dir, const char *name,
		     const struct stat *st)
{
	auto_close int from_fd =
		openat(dir->from_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_close int to_fd = openat(dir->to_fd, name,
				      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (from_fd < 0 || to_fd < 0)
		return -errno;
	r = copy_bytes(from_fd, to_fd);
	if (r == 0)
		r = copytree_attributes(dir->to_fd, name, st);
	return r < 0 ? r : copy_xattrs(copy, from_fd, to_fd);
}

/* 1: it is one more name of a file that was copied already. */
static int join_link(struct copy *copy, const struct pair *dir, const char *name,
		     const struct stat *st)
{
	struct link **bucket = &copy->links[st->st_ino % LINK_BUCKETS], *link = *bucket;
	auto_close int fd = -1;

	while (link && link->ino != st->st_ino)
		link = link->next;
	if (!link) {
		link = arena_new(&copy->arena, struct link);
		*link = (struct link){ *bucket, st->st_ino,
				       arena_strdup(&copy->arena, buf_str(&copy->path)) };
		*bucket = link;
		return 0;
	}
	fd = resolve_open(copy->root_fd, link->path, O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	return linkat(fd, "", dir->to_fd, name, AT_EMPTY_PATH) < 0 ? -errno : 1;
}

static int copy_other(struct copy *copy, const struct pair *dir, const char *name,
		      const struct stat *st)
{
	int r = rmtree(dir->to_fd, name);

	if (r == 0 && st->st_nlink > 1)
		r = join_link(copy, dir, name, st);
	if (r != 0)
		return r < 0 ? r : 0;
	if (S_ISREG(st->st_mode))
		r = copy_file(copy, dir, name, st);
	else if (S_ISLNK(st->st_mode))
		r = copytree_link(dir->from_fd, dir->to_fd, name);
	else
		r = mknodat(dir->to_fd, name, st->st_mode, st->st_rdev) < 0 ? -errno : 0;
	return r < 0 || S_ISREG(st->st_mode) ? r : copytree_attributes(dir->to_fd, name, st);
}

/* ------------------------------------------------------------------------------- directories */

/* What lower layers had there goes, unless it is a directory that goes on. */
static int make_dir(const struct pair *dir, int from_fd, const char *name)
{
	struct stat st;
	int r;

	if (fstatat(dir->to_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (S_ISDIR(st.st_mode) && !overlayfs_is_opaque(from_fd))
			return 0;
		r = rmtree(dir->to_fd, name);
		if (r < 0)
			return r;
	}
	return mkdirat(dir->to_fd, name, 0700) < 0 ? -errno : 0;
}

static int copy_subdir(struct copy *copy, const struct pair *dir, const char *name,
		       const struct stat *st)
{
	static const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	auto_close int from_fd = openat(dir->from_fd, name, flags), to_fd = -1;
	int r = from_fd < 0 ? -errno : make_dir(dir, from_fd, name);

	if (r < 0)
		return r;
	to_fd = openat(dir->to_fd, name, flags);
	if (to_fd < 0)
		return -errno;
	r = copy_dir(copy, &(struct pair){ from_fd, to_fd, dir->depth + 1 });
	if (r == 0)
		r = copytree_attributes(dir->to_fd, name, st);
	return r < 0 ? r : copy_xattrs(copy, from_fd, to_fd);
}

static int copy_entry(struct copy *copy, const struct pair *dir, const char *name)
{
	const char *hidden = copy->is_named ? overlayfs_hidden(name) : NULL;
	size_t len = copy->path.len;
	struct stat st;
	int r;

	if (hidden)
		return *hidden ? rmtree(dir->to_fd, hidden) : 0;
	if (fstatat(dir->from_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	buf_printf(&copy->path, "%s%s", len ? "/" : "", name);
	if (overlayfs_is_whiteout(&st))
		r = rmtree(dir->to_fd, name);
	else if (S_ISDIR(st.st_mode))
		r = copy_subdir(copy, dir, name, &st);
	else
		r = copy_other(copy, dir, name, &st);
	copy->path.len = len;
	return r;
}

static int copy_dir(struct copy *copy, const struct pair *dir)
{
	int fd = openat(dir->from_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *list = fd < 0 ? NULL : fdopendir(fd);
	int r = 0;

	if (!list)
		return -errno;
	if (dir->depth > MAX_DEPTH)
		return -ELOOP;
	for (struct dirent *entry; r == 0 && (errno = 0, entry = readdir(list));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = copy_entry(copy, dir, entry->d_name);
	return r == 0 ? -errno : r;
}

/* ------------------------------------------------------------------------------- the driver */

static int copy_layer(int layer_fd, int to_fd)
{
	auto_close int from_fd = openat(layer_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct copy copy = { .root_fd = to_fd, .is_named = overlayfs_is_named(layer_fd) };
	struct stat st;
	int r = from_fd < 0 || fstat(from_fd, &st) < 0 ? -errno : 0;

	if (r == 0)
		r = copy_dir(&copy, &(struct pair){ from_fd, to_fd, 0 });
	if (r == 0)
		r = copytree_attributes(to_fd, ".", &st);
	if (r == 0)
		r = copy_xattrs(&copy, from_fd, to_fd);
	arena_done(&copy.arena);
	buf_done(&copy.path);
	return r;
}

/* What has its name is whole. */
static int copy_all(const struct snapshot_request *request, struct err *err)
{
	auto_close int to_fd = -1;
	int r = rmtree(request->changes_fd, COPY_UNWHOLE);

	if (r == 0 && mkdirat(request->changes_fd, COPY_UNWHOLE, 0755) < 0)
		r = -errno;
	if (r < 0)
		return err_sys(err, -r, "make the directory '" COPY_UNWHOLE "'");
	to_fd = openat(request->changes_fd, COPY_UNWHOLE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to_fd < 0)
		return err_sys(err, errno, "open the directory '" COPY_UNWHOLE "'");
	for (size_t i = 0; i < request->n_layers; i++) {
		r = copy_layer(request->layer_fds[i], to_fd);
		if (r < 0)
			return err_sys(err, -r, "copy layer %zu of %zu", i + 1, request->n_layers);
	}
	if (renameat(request->changes_fd, COPY_UNWHOLE, request->changes_fd, SNAPSHOT_COPY) < 0)
		return err_sys(err, errno, "rename the directory '" COPY_UNWHOLE "'");
	return 0;
}

static int copy_as_maker(const struct snapshot_request *request, struct err *err)
{
	int r = request->maker ? cred_make_as(request->maker) : 0, back;

	if (r < 0)
		return err_sys(err, -r, "make files as id %u", request->maker);
	r = copy_all(request, err);
	back = request->maker ? cred_make_as(0) : 0;
	return r == 0 && back < 0 ? err_sys(err, -back, "make files as root again") : r;
}

int snapshot_copy(const struct snapshot_request *request, int target_fd, struct err *err)
{
	auto_close int tree_fd = -1;
	int r = 0;

	if (request->changes_fd < 0)
		return err_set(err, ERR_SYSTEM, EOPNOTSUPP, "there is no place for a copy");
	if (faccessat(request->changes_fd, SNAPSHOT_COPY, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		r = copy_as_maker(request, err);
	if (r < 0)
		return r;
	tree_fd = mount_clone(request->changes_fd, SNAPSHOT_COPY, false);
	r = tree_fd < 0 ? tree_fd : mount_attach(tree_fd, target_fd);
	return r < 0 ? err_sys(err, -r, "mount the copy") : 0;
}
