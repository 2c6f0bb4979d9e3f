/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories by path and by inode. The path is a hint, good for as long as nothing it may have
 * passed was taken away; the inode is the identity, so that two paths to one directory (a link
 * leads to it) mean one record of what it is to become.
 *
 * Nobody else works in the tree: what was looked at a moment ago is still so. Even so, no call here
 * follows a link but openat2 below the root.
 */
#include "layer/dircache.h"

#include "base/buf.h"
#include "sys/resolve.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#define MAX_LINKS 40 /* as the kernel's MAXSYMLINKS */
#define MADE_MODE 0755

/* ------------------------------------------------------------------------------- by inode */

static struct dir_node **bucket_of(struct dircache *cache, ino_t ino)
{
	return &cache->buckets[ino % DIRCACHE_BUCKETS];
}

static void put_in_bucket(struct dircache *cache, struct dir_node *node)
{
	struct dir_node **bucket = bucket_of(cache, node->ino);

	node->next_in_bucket = *bucket;
	*bucket = node;
}

struct dir_node *dircache_find(struct dircache *cache, ino_t ino)
{
	struct dir_node *node = *bucket_of(cache, ino);

	while (node && node->ino != ino)
		node = node->next_in_bucket;
	return node;
}

static void put_in_parent(struct dir_node *parent, struct dir_node *node)
{
	node->depth = parent->depth + 1;
	node->next = parent->children;
	node->link = &parent->children;
	if (node->next)
		node->next->link = &node->next;
	parent->children = node;
}

static void forget(struct dircache *cache, struct dir_node *node)
{
	struct dir_node **bucket = bucket_of(cache, node->ino);

	while (*bucket != node)
		bucket = &(*bucket)->next_in_bucket;
	*bucket = node->next_in_bucket;
	*node->link = node->next;
	if (node->next)
		node->next->link = node->link;
}

/* ------------------------------------------------------------------------------- by path */

static void empty_slot(struct dir_slot *slot)
{
	if (slot->node)
		closep(&slot->fd);
	slot->node = NULL;
}

static void forget_paths(struct dircache *cache)
{
	for (size_t i = 0; i < DIRCACHE_SLOTS; i++)
		empty_slot(&cache->slots[i]);
}

/* FNV-1a. */
static struct dir_slot *slot_of(struct dircache *cache, const char *path)
{
	uint32_t hash = 2166136261;

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * 16777619;
	return &cache->slots[(hash ^ hash >> 16) % DIRCACHE_SLOTS];
}

int dircache_init(struct dircache *cache, int root_fd, unsigned max_depth,
		  enum overlayfs_xattrs xattrs, struct err *err)
{
	struct stat st;

	*cache = (struct dircache){
		.root_fd = root_fd, .max_depth = max_depth, .xattrs = xattrs, .root.name = ".",
	};
	if (fstat(root_fd, &st) < 0)
		return err_sys(err, errno, "look at the layer's directory");
	cache->buckets = arena_array(&cache->arena, struct dir_node *, DIRCACHE_BUCKETS);
	cache->root.ino = st.st_ino;
	put_in_bucket(cache, &cache->root);
	return 0;
}

void dircache_done(struct dircache *cache)
{
	forget_paths(cache);
	for (size_t i = 0; i < DIRCACHE_SLOTS; i++)
		buf_done(&cache->slots[i].path);
	arena_done(&cache->arena);
}

static int fill_slot(struct dircache *cache, struct dir_slot *slot, const char *path)
{
	int fd = resolve_open(cache->root_fd, *path ? path : "/", O_PATH | O_DIRECTORY);
	struct stat st;

	if (fd < 0)
		return fd;
	slot->node = fstat(fd, &st) == 0 ? dircache_find(cache, st.st_ino) : NULL;
	if (!slot->node) {
		(void)close(fd);
		return -EXDEV; /* it was not made here */
	}
	slot->fd = fd;
	slot->path.len = 0;
	buf_puts(&slot->path, path);
	return 0;
}

int dircache_open_existing(struct dircache *cache, const char *path, struct dir_place *ret)
{
	struct dir_slot *slot = slot_of(cache, path);

	if (!slot->node || strcmp(buf_str(&slot->path), path) != 0) {
		int r;

		empty_slot(slot);
		r = fill_slot(cache, slot, path);
		if (r < 0)
			return r;
	}
	*ret = (struct dir_place){ slot->fd, slot->node };
	return 0;
}

/* ------------------------------------------------------------------------------- making */

static int make_node(struct dircache *cache, const struct dir_place *parent, const char *name,
		     struct dir_node **ret, struct err *err)
{
	struct dir_node *node = arena_new(&cache->arena, struct dir_node);
	struct stat st;

	if (fstatat(parent->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "look at '%s'", name);
	node->ino = st.st_ino;
	node->name = arena_strdup(&cache->arena, name);
	put_in_parent(parent->node, node);
	put_in_bucket(cache, node);
	*ret = node;
	return 0;
}

static bool is_whiteout(int dir_fd, const char *name)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && overlayfs_is_whiteout(&st);
}

int dircache_make(struct dircache *cache, const struct dir_place *parent, const char *name,
		  mode_t mode, struct dir_node **ret, struct err *err)
{
	bool was_hidden = false;
	int r;

	if (parent->node->depth >= cache->max_depth)
		return err_set(err, ERR_USAGE, ELOOP, "directory '%s' is nested more than %u deep",
			       name, cache->max_depth);
	r = mkdirat(parent->fd, name, mode) < 0 ? -errno : 0;
	if (r == -EEXIST && is_whiteout(parent->fd, name)) {
		was_hidden = true;
		r = unlinkat(parent->fd, name, 0) < 0 || mkdirat(parent->fd, name, mode) < 0
			    ? -errno : 0;
	}
	if (r == 0 && cache->has_named)
		was_hidden = overlayfs_drop_named(parent->fd, name);
	if (r == 0 && was_hidden)
		r = overlayfs_make_opaque(parent->fd, name, cache->xattrs);
	if (r == -EEXIST)
		return r;
	if (r < 0)
		return err_sys(err, -r, "make directory '%s'", name);
	return make_node(cache, parent, name, ret, err);
}

/* Another name for what `path` says, whose last component is the link `name` in `dir_fd`.
 * -ENOTDIR: it is no link. */
static int follow(int dir_fd, const char *path, const char *name, struct buf *out)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(dir_fd, name, target, sizeof(target));

	if (len < 0)
		return errno == EINVAL ? -ENOTDIR : -errno;
	while (len > 0 && target[len - 1] == '/')
		len--;
	if (target[0] != '/')
		buf_add(out, path, (size_t)(name - path));
	buf_add(out, target, (size_t)len);
	return out->len >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int ensure(struct dircache *cache, const char *path, unsigned links, struct dir_place *ret,
		  struct err *err);

/* `path` is missing: make it in its parent, or follow the link that it is. */
static int ensure_missing(struct dircache *cache, const char *path, unsigned links,
			  struct err *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	auto_buf struct buf above = {}, other = {};
	struct dir_place parent;
	struct dir_node *node;
	int r;

	buf_add(&above, path, slash ? (size_t)(slash - path) : 0);
	r = ensure(cache, above.data, links, &parent, err);
	if (r < 0 || !*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return r;
	r = dircache_make(cache, &parent, name, MADE_MODE, &node, err);
	if (r != -EEXIST)
		return r;
	r = links == MAX_LINKS ? -ELOOP : follow(parent.fd, path, name, &other);
	if (r < 0)
		return err_sys(err, -r, "open directory '%s'", path);
	return ensure(cache, other.data, links + 1, &parent, err);
}

static unsigned count_slashes(const char *path)
{
	unsigned n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

static int ensure(struct dircache *cache, const char *path, unsigned links, struct dir_place *ret,
		  struct err *err)
{
	int r = dircache_open_existing(cache, path, ret);
	bool is_missing = r == -ENOENT || r == -ENOTDIR;

	/* A path of more parts leads to what is nested deeper than anything may be, or back and
	 * forth; each of them is a call of ours. */
	if (is_missing && count_slashes(path) > 2 * cache->max_depth)
		return err_sys(err, ELOOP, "open directory '%s'", path);
	if (is_missing) {
		r = ensure_missing(cache, path, links, err);
		if (r < 0)
			return r;
		r = dircache_open_existing(cache, path, ret);
	}
	return r < 0 ? err_sys(err, -r, "open directory '%s'", path) : 0;
}

int dircache_open(struct dircache *cache, const char *path, struct dir_place *ret, struct err *err)
{
	return ensure(cache, path, 0, ret, err);
}

/* ------------------------------------------------------------------------------- taking away */

static int remove_all(struct dircache *cache, int dir_fd, const char *name);

static int remove_contents(struct dircache *cache, int dir_fd)
{
	DIR *dir = fdopendir(dir_fd);
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		r = -errno;
		(void)close(dir_fd);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = remove_all(cache, dir_fd, entry->d_name);
	if (r == 0)
		r = -errno;
	(void)closedir(dir);
	return r;
}

/* The tree is no deeper than max_depth. */
static int remove_all(struct dircache *cache, int dir_fd, const char *name)
{
	struct dir_node *node;
	struct stat st;
	int fd, r;

	if (unlinkat(dir_fd, name, 0) == 0)
		return 0;
	if (errno != EISDIR)
		return -errno;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = fd < 0 ? -errno : remove_contents(cache, fd);
	if (r < 0)
		return r;
	node = dircache_find(cache, st.st_ino);
	if (node)
		forget(cache, node);
	return unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int dircache_remove(struct dircache *cache, int dir_fd, const char *name)
{
	struct stat st;
	int r;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	r = remove_all(cache, dir_fd, name);
	if (S_ISLNK(st.st_mode) || S_ISDIR(st.st_mode))
		forget_paths(cache);
	return r;
}

/* ------------------------------------------------------------------------------- the end */

struct finish {
	dircache_apply_fn *apply;
	void *context;
};

static int finish(const struct finish *how, int parent_fd, struct dir_node *node, struct err *err)
{
	auto_close int fd =
		openat(parent_fd, node->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r = fd < 0 ? err_sys(err, errno, "open directory '%s'", node->name) : 0;

	for (struct dir_node *child = node->children; child && r >= 0; child = child->next)
		r = finish(how, fd, child, err);
	if (r < 0 || !node->attributes)
		return r;
	return how->apply(how->context, fd, node, err);
}

int dircache_finish(struct dircache *cache, dircache_apply_fn *apply, void *context,
		    struct err *err)
{
	const struct finish how = { apply, context };

	forget_paths(cache);
	return finish(&how, cache->root_fd, &cache->root, err);
}
