/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a layer takes away of those below it: in the archive, by names (image-spec, layer.md,
 * "Whiteouts"); on the disk, as overlayfs wants it (Documentation/filesystems/overlayfs.rst).
 */

#include <stdbool.h>
#include <sys/stat.h>

enum whiteout {
	WHITEOUT_NONE,   /* an entry like any other */
	WHITEOUT_NAME,   /* ".wh.NAME" */
	WHITEOUT_OPAQUE, /* ".wh..wh..opq": all that lies below the directory it is in */
	WHITEOUT_AUFS,   /* ".wh..wh.*": what aufs noted for itself */
};

/* What the last component of a path is; *ret_hidden is NAME, in it. -EINVAL: it would take away
 * what has no name: "", ".", "..". */
int whiteout_parse(const char *name, const char **ret_hidden);

/* Is that the device 0/0 which overlayfs takes for a whiteout? */
bool whiteout_is_node(const struct stat *st);

/* Make one. 0 or -errno. */
int whiteout_make(int dir_fd, const char *name);

/* Whose attributes overlayfs listens to: its own, or with "userxattr" those of users. */
enum overlay_xattrs { OVERLAY_TRUSTED, OVERLAY_USER };

/* Let nothing be seen through the directory `name` in `parent_fd` ("."). 0 or -errno. */
int whiteout_make_opaque(int parent_fd, const char *name, enum overlay_xattrs xattrs);

/* An attribute by which overlayfs would be told something. */
bool whiteout_is_overlay_xattr(const char *name);
