/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What overlayfs reads from the directories that it is made of, and writes into the upper one
 * (Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories").
 */

#include <stdbool.h>
#include <sys/stat.h>

/*
 * On some file systems the kernel lets nobody make these: above all on an overlay, as in a
 * container. There they are said by names, as in an archive (image-spec, layer.md, "Whiteouts"),
 * which fuse-overlayfs(1) understands too: an empty file ".wh.NAME", or ".wh..wh..opq".
 */
#define OVERLAYFS_NAMED_WHITEOUT ".wh."
#define OVERLAYFS_NAMED_OPAQUE	 ".wh..wh..opq"

/* Is this directory on such a file system? In others such names mean nothing. */
bool overlayfs_is_named(int dir_fd);

/* What the name of a file there hides: NAME, in it; "" for all that is lower; NULL: nothing. */
const char *overlayfs_hidden(const char *name);

/* Is that the device 0/0, which hides what lower directories have under its name? */
bool overlayfs_is_whiteout(const struct stat *st);

/* Make one. 0, or 1: it is one by name; or -errno. */
int overlayfs_make_whiteout(int dir_fd, const char *name);

/* Take away one by name: 1 if there was one. */
int overlayfs_drop_named(int dir_fd, const char *name);

/* Whose attributes overlayfs listens to: its own, or with "userxattr" those of users. */
enum overlayfs_xattrs { OVERLAYFS_TRUSTED, OVERLAYFS_USER };

/* Let nothing be seen through the directory `name` in `parent_fd` ("."). 0 or -errno. */
int overlayfs_make_opaque(int parent_fd, const char *name, enum overlayfs_xattrs xattrs);

/* Is nothing seen through this directory, which is open for reading? */
bool overlayfs_is_opaque(int dir_fd);

/* An attribute by which overlayfs is told something. */
bool overlayfs_is_xattr(const char *name);
