/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The directories of a tree that is being unpacked. All of them were made here, so each is known,
 * by its inode; what is to become of it (its mode, its times) is kept until nothing is made in it
 * any more. Those used last are held open by the path that led there.
 *
 * A path is resolved by the kernel, below the root, as a process inside would see it: links are
 * followed, and stay inside. What a path led to is forgotten as soon as a link or a directory is
 * taken away anywhere.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "sys/overlayfs.h"

#include <stdint.h>
#include <sys/types.h>

struct dir_node {
	ino_t ino;
	const char *name;
	struct dir_node *children, *next; /* next: of the same parent */
	struct dir_node **link;           /* what points to it there */
	struct dir_node *next_in_bucket;
	unsigned depth;
	void *attributes; /* the caller's; NULL: it keeps those it was made with */
};

#define DIRCACHE_SLOTS 64
#define DIRCACHE_BUCKETS 65536

struct dir_slot {
	struct buf path;
	int fd;
	struct dir_node *node; /* NULL: the slot is empty */
};

struct dircache {
	int root_fd;
	unsigned max_depth;
	enum overlayfs_xattrs xattrs;
	bool has_named;      /* whiteouts are said by names here, and there were some */
	struct dir_node root;
	struct dir_node **buckets;
	struct dir_slot slots[DIRCACHE_SLOTS];
	struct arena arena;
};

/* A directory of the tree; the descriptor (O_PATH) is the cache's, until it is next asked. */
struct dir_place {
	int fd;
	struct dir_node *node;
};

/* `root_fd`, borrowed, is an empty directory. */
int dircache_init(struct dircache *cache, int root_fd, unsigned max_depth,
		  enum overlayfs_xattrs xattrs, struct err *err);
void dircache_done(struct dircache *cache);
#define auto_dircache auto_cleanup(dircache_done)

/* The directory at `path` ("": the root), without a slash at either end. It and its parents are
 * made (0755) where they are missing; -ENOTDIR, something else is there. A whiteout makes way: what
 * it hid stays hidden. */
int dircache_open(struct dircache *cache, const char *path, struct dir_place *ret,
		  struct err *err);

/* The same of one that is there, and with the error's number alone: -ENOENT, -ENOTDIR. */
int dircache_open_existing(struct dircache *cache, const char *path, struct dir_place *ret);

/* Make `name` in `parent`, where nothing may be, but a whiteout: as above. -EEXIST (no words). */
int dircache_make(struct dircache *cache, const struct dir_place *parent, const char *name,
		  mode_t mode, struct dir_node **ret, struct err *err);

/* The directory with this inode. NULL: it is none of the tree's. */
struct dir_node *dircache_find(struct dircache *cache, ino_t ino);

/* Take `name` in `dir_fd` away, a directory with all that is in it. 0 or -errno. */
int dircache_remove(struct dircache *cache, int dir_fd, const char *name);

/* Call `apply` for each directory that has attributes, those below it first. `fd` is O_RDONLY. */
typedef int dircache_apply_fn(void *context, int fd, struct dir_node *node, struct err *err);
int dircache_finish(struct dircache *cache, dircache_apply_fn *apply, void *context,
		    struct err *err);
