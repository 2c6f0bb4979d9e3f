/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries, one at a time. Most are new files in a directory that is open already: open, write,
 * utimens, close. All else is an exception, and the kernel tells us of it (EEXIST).
 *
 * A directory gets its owner, mode, attributes and times at the end, when nothing is made in it any
 * more; until then it is ours alone.
 */
#include "layer/unpack_entry.h"

#include "base/cleanup.h"
#include "layer/entry_path.h"
#include "layer/whiteout.h"
#include "sys/overlayfs.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/sysmacros.h>

#define MAX_KEPT_BYTES ((uint64_t)64 << 20)
#define PRIVATE_MODE 0700

/* One entry on its way. */
struct job {
	struct unpack_tree *tree;
	struct tar_reader *reader;
	const struct tar_entry *entry;
	struct entry_path path;
	struct dir_place place; /* the directory that it goes to */
};

int unpack_tree_init(struct unpack_tree *tree, const struct layer_unpack *request,
		     struct err *err)
{
	bool is_rootless = request->flags & LAYER_ROOTLESS;

	*tree = (struct unpack_tree){
		.max_depth = request->limits.max_depth,
		.left_out = { .is_rootless = is_rootless },
	};
	return dircache_init(&tree->dirs, request->root_fd, request->limits.max_depth,
			     is_rootless ? OVERLAYFS_USER : OVERLAYFS_TRUSTED, err);
}

void unpack_tree_done(struct unpack_tree *tree)
{
	dircache_done(&tree->dirs);
}

static struct attributes attributes_of(const struct tar_entry *entry)
{
	return (struct attributes){
		.uid = entry->uid, .gid = entry->gid, .mode = entry->mode, .mtime = entry->mtime,
		.xattrs = entry->xattrs, .n_xattrs = entry->n_xattrs,
	};
}

/* Take away what is there. The place may have been found through it. */
static int clear_way(struct job *job, struct err *err)
{
	struct dircache *dirs = &job->tree->dirs;
	int r = dircache_remove(dirs, job->place.fd, job->path.name);

	if (r < 0)
		return err_sys(err, -r, "remove what was there before");
	return dircache_open(dirs, job->path.parent, &job->place, err);
}

/* What a call that makes something said: 1, it is there; or 0, what was in its way was taken away,
 * and it is to be called again. */
static int made_or_cleared(struct job *job, bool was_made, const char *what, struct err *err)
{
	if (was_made)
		return 1;
	return errno == EEXIST ? clear_way(job, err) : err_sys(err, errno, "%s", what);
}

/* ------------------------------------------------------------------------------- files */

static int write_piece(int fd, const struct tar_piece *piece)
{
	size_t done = 0;

	while (done < piece->n) {
		ssize_t n = pwrite(fd, (const char *)piece->bytes + done, piece->n - done,
				   (off_t)(piece->at + done));

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int write_contents(struct job *job, int fd, struct err *err)
{
	struct tar_piece piece;
	uint64_t end = 0;
	int r;

	while ((r = tar_data(job->reader, &piece, err)) > 0) {
		r = write_piece(fd, &piece);
		if (r < 0)
			return err_sys(err, -r, "write");
		end = piece.at + piece.n;
		job->tree->file_bytes += piece.n;
	}
	if (r == 0 && end < job->entry->bytes && ftruncate(fd, (off_t)job->entry->bytes) < 0)
		r = err_sys(err, errno, "make it %llu bytes long",
			    (unsigned long long)job->entry->bytes);
	return r;
}

static int make_file(struct job *job, struct err *err)
{
	const struct attributes attributes = attributes_of(job->entry);
	auto_close int fd = -1;
	struct made made;
	int r = 0;

	while (r == 0) {
		fd = openat(job->place.fd, job->path.name,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    job->entry->mode);
		r = made_or_cleared(job, fd >= 0, "create", err);
	}
	if (r > 0)
		r = write_contents(job, fd, err);
	made = (struct made){ .fd = fd };
	return r < 0 ? r : attributes_apply(&attributes, &made, &job->tree->left_out, err);
}

/* ------------------------------------------------------------------------------- names */

/* Of what was made without a descriptor. */
static int apply_by_name(struct job *job, struct err *err)
{
	const struct attributes attributes = attributes_of(job->entry);
	const struct made made = { -1, job->place.fd, job->path.name };

	return attributes_apply(&attributes, &made, &job->tree->left_out, err);
}

static int make_symlink(struct job *job, struct err *err)
{
	int r = 0;

	while (r == 0)
		r = made_or_cleared(job, symlinkat(job->entry->target, job->place.fd,
						   job->path.name) == 0,
				    "make the link", err);
	return r < 0 ? r : apply_by_name(job, err);
}

static int make_node(struct job *job, mode_t type, struct err *err)
{
	const struct tar_entry *entry = job->entry;
	int r = 0;

	while (r == 0) {
		bool was_made = mknodat(job->place.fd, job->path.name, type | entry->mode,
					entry->rdev) == 0;

		if (!was_made && errno == EPERM && job->tree->left_out.is_rootless) {
			job->tree->left_out.n++;
			return 0;
		}
		r = made_or_cleared(job, was_made, "make the device", err);
	}
	return r < 0 ? r : apply_by_name(job, err);
}

static int make_char(struct job *job, struct err *err)
{
	if (job->entry->rdev == makedev(0, 0))
		return err_set(err, ERR_USAGE, EINVAL,
			       "device 0/0, by which overlayfs marks what is removed");
	return make_node(job, S_IFCHR, err);
}

static int make_block_device(struct job *job, struct err *err)
{
	return make_node(job, S_IFBLK, err);
}

static int make_fifo(struct job *job, struct err *err)
{
	int r = 0;

	while (r == 0)
		r = made_or_cleared(job, mkfifoat(job->place.fd, job->path.name,
						  job->entry->mode) == 0,
				    "make the fifo", err);
	return r < 0 ? r : apply_by_name(job, err);
}

/* ------------------------------------------------------------------------------- hard links */

/* Where the target of a hard link is: its parent, the caller's, and its name. Its parents may be
 * links, as those of any entry, and lead nowhere out of the root; it may be one itself, and is not
 * followed. */
static int find_target(struct job *job, struct entry_path *path, int *ret_dir_fd, struct stat *ret,
		       struct err *err)
{
	auto_close int dir_fd = -1;
	struct dir_place place;
	int r = entry_path_parse(job->entry->target, job->tree->max_depth, path, err);

	if (r < 0)
		return r;
	r = r > 0 ? -ENOENT : dircache_open_existing(&job->tree->dirs, path->parent, &place);
	if (r == 0) {
		dir_fd = fcntl(place.fd, F_DUPFD_CLOEXEC, 0);
		if (dir_fd < 0 || fstatat(dir_fd, path->name, ret, AT_SYMLINK_NOFOLLOW) < 0)
			r = -errno;
	}
	if (r == 0 && overlayfs_is_whiteout(ret))
		r = -ENOENT;
	if (r == -ENOENT || r == -ENOTDIR)
		return err_set(err, ERR_USAGE, ENOENT,
			       "hard link to '%s', which is not in this layer", job->entry->target);
	if (r == 0 && S_ISDIR(ret->st_mode))
		return err_set(err, ERR_USAGE, EISDIR, "hard link to '%s', which is a directory",
			       job->entry->target);
	if (r < 0)
		return err_sys(err, -r, "hard link to '%s'", job->entry->target);
	*ret_dir_fd = take_fd(&dir_fd);
	return 0;
}

/* Is the name that is in the way another one of the same file already? */
static bool is_linked(const struct job *job, const struct stat *target)
{
	struct stat st;

	return fstatat(job->place.fd, job->path.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_ino == target->st_ino && st.st_dev == target->st_dev;
}

/* Another name of a file that has all its attributes. */
static int make_hardlink(struct job *job, struct err *err)
{
	struct entry_path path;
	auto_close int dir_fd = -1;
	struct stat target;
	int r = find_target(job, &path, &dir_fd, &target, err);

	if (r < 0)
		return r;
	r = dircache_open(&job->tree->dirs, job->path.parent, &job->place, err);
	while (r == 0) {
		bool was_made = linkat(dir_fd, path.name, job->place.fd, job->path.name, 0) == 0;

		if (!was_made && errno == EEXIST && is_linked(job, &target))
			return 0;
		r = made_or_cleared(job, was_made, "make the hard link", err);
	}
	return r < 0 ? r : 0;
}

/* ------------------------------------------------------------------------------- directories */

/* Keep what the directory is to have, until the end. */
static int keep_attributes(struct job *job, struct dir_node *node, struct err *err)
{
	struct unpack_tree *tree = job->tree;
	struct arena *arena = &tree->dirs.arena;
	struct attributes *kept = node->attributes;
	struct tar_xattr *xattrs = NULL;

	if (!kept)
		kept = node->attributes = arena_new(arena, struct attributes);
	*kept = attributes_of(job->entry);
	if (kept->n_xattrs)
		xattrs = arena_array(arena, struct tar_xattr, kept->n_xattrs);
	kept->xattrs = xattrs;
	for (size_t i = 0; i < kept->n_xattrs; i++) {
		const struct tar_xattr *from = &job->entry->xattrs[i];

		tree->kept_bytes += sizeof(*from) + strlen(from->name) + from->len;
		if (tree->kept_bytes > MAX_KEPT_BYTES)
			return err_set(err, ERR_USAGE, E2BIG,
				       "directories have more than %llu bytes of attributes",
				       (unsigned long long)MAX_KEPT_BYTES);
		xattrs[i].name = arena_strdup(arena, from->name);
		xattrs[i].value = arena_strndup(arena, from->value, from->len);
		xattrs[i].len = from->len;
	}
	return 0;
}

/* The directory that is there already, or NULL. */
static struct dir_node *find_dir(struct job *job)
{
	struct stat st;

	if (fstatat(job->place.fd, job->path.name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISDIR(st.st_mode))
		return NULL;
	return dircache_find(&job->tree->dirs, st.st_ino);
}

/* One that is there already goes on with what it holds. A link to one is replaced by it. */
static int make_dir(struct job *job, struct err *err)
{
	struct dir_node *node = NULL;
	int r = -EEXIST;

	while (r == -EEXIST) {
		r = dircache_make(&job->tree->dirs, &job->place, job->path.name, PRIVATE_MODE,
				  &node, err);
		if (r != -EEXIST)
			break;
		node = find_dir(job);
		r = node ? 0 : clear_way(job, err);
		if (r == 0 && !node)
			r = -EEXIST;
	}
	return r < 0 ? r : keep_attributes(job, node, err);
}

static int apply_kept(void *context, int fd, struct dir_node *node, struct err *err)
{
	struct unpack_tree *tree = context;
	const struct made made = { .fd = fd };
	int r = attributes_apply(node->attributes, &made, &tree->left_out, err);

	return r < 0 ? err_wrap(err, "directory '%s'", node->name) : 0;
}

int unpack_tree_finish(struct unpack_tree *tree, struct err *err)
{
	return dircache_finish(&tree->dirs, apply_kept, tree, err);
}

/* ------------------------------------------------------------------------------- whiteouts */

/* What this layer itself has under that name stays; if that is a directory, what lower layers have
 * in it is hidden. So it does not matter which of the two comes first. */
static int make_whiteout(struct job *job, const char *hidden, struct err *err)
{
	struct stat st;
	int r = 0;

	if (fstatat(job->place.fd, hidden, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = errno == ENOENT ? overlayfs_make_whiteout(job->place.fd, hidden) : -errno;
	else if (S_ISDIR(st.st_mode))
		r = overlayfs_make_opaque(job->place.fd, hidden, job->tree->dirs.xattrs);
	if (r > 0)
		job->tree->dirs.has_named = true;
	return r < 0 ? err_sys(err, -r, "hide '%s'", hidden) : 0;
}

static int make_opaque(struct job *job, struct err *err)
{
	int r = overlayfs_make_opaque(job->place.fd, ".", job->tree->dirs.xattrs);

	return r < 0 ? err_sys(err, -r, "hide what lower layers have") : 0;
}

/* 1: it was one. */
static int take_whiteout(struct job *job, struct err *err)
{
	const char *hidden = NULL;
	int r;

	switch (whiteout_parse(job->path.name, &hidden)) {
	case WHITEOUT_NONE:
		return 0;
	case WHITEOUT_AUFS:
		return 1;
	case WHITEOUT_NAME:
		r = make_whiteout(job, hidden, err);
		break;
	case WHITEOUT_OPAQUE:
		r = make_opaque(job, err);
		break;
	default:
		r = err_set(err, ERR_USAGE, EINVAL, "a whiteout of nothing");
	}
	return r < 0 ? r : 1;
}

/* ------------------------------------------------------------------------------- all */

static int (*const makers[])(struct job *job, struct err *err) = {
	[TAR_FILE] = make_file,
	[TAR_DIR] = make_dir,
	[TAR_SYMLINK] = make_symlink,
	[TAR_HARDLINK] = make_hardlink,
	[TAR_CHAR] = make_char,
	[TAR_BLOCK_DEVICE] = make_block_device,
	[TAR_FIFO] = make_fifo,
};

static void note_owner(struct unpack_tree *tree, const struct tar_entry *entry)
{
	uint32_t id = entry->uid > entry->gid ? entry->uid : entry->gid;

	if (entry->kind == TAR_HARDLINK || (tree->max_id_path[0] && id <= tree->max_id))
		return;
	tree->max_id = id;
	strcpy(tree->max_id_path, entry->path + (strncmp(entry->path, "./", 2) == 0 ? 2 : 0));
}

/* The root is there already, and can be nothing else. */
static int make_root(struct job *job, struct err *err)
{
	if (job->entry->kind != TAR_DIR)
		return err_set(err, ERR_USAGE, EINVAL, "the root is no directory");
	note_owner(job->tree, job->entry);
	return keep_attributes(job, job->place.node, err);
}

static int make(struct job *job, struct err *err)
{
	int r = dircache_open(&job->tree->dirs, job->path.parent, &job->place, err);

	if (r < 0)
		return r;
	if (!*job->path.name)
		return make_root(job, err);
	r = take_whiteout(job, err);
	if (r != 0)
		return r < 0 ? r : 0;
	note_owner(job->tree, job->entry);
	if (job->tree->dirs.has_named && job->entry->kind != TAR_DIR)
		(void)overlayfs_drop_named(job->place.fd, job->path.name);
	return makers[job->entry->kind](job, err);
}

int unpack_entry(struct unpack_tree *tree, struct tar_reader *reader,
		 const struct tar_entry *entry, struct err *err)
{
	struct job job = { .tree = tree, .reader = reader, .entry = entry };
	int r = entry_path_parse(entry->path, tree->max_depth, &job.path, err);

	if (r != 0)
		return r < 0 ? r : 0;
	r = make(&job, err);
	return r < 0 ? err_wrap(err, "entry '%s'", entry->path) : 0;
}
