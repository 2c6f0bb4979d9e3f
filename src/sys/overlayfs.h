/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What overlayfs reads from the directories that it is made of, and writes into the upper one
 * (Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories").
 */

#include <stdbool.h>
#include <sys/stat.h>

/* Is that the device 0/0, which hides what lower directories have under its name? */
bool overlayfs_is_whiteout(const struct stat *st);

/* Make one. 0 or -errno. */
int overlayfs_make_whiteout(int dir_fd, const char *name);

/* Whose attributes overlayfs listens to: its own, or with "userxattr" those of users. */
enum overlayfs_xattrs { OVERLAYFS_TRUSTED, OVERLAYFS_USER };

/* Let nothing be seen through the directory `name` in `parent_fd` ("."). 0 or -errno. */
int overlayfs_make_opaque(int parent_fd, const char *name, enum overlayfs_xattrs xattrs);

/* Is nothing seen through this directory, which is open for reading? */
bool overlayfs_is_opaque(int dir_fd);

/* An attribute by which overlayfs is told something. */
bool overlayfs_is_xattr(const char *name);
