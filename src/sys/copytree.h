/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Copies what is below one directory into another, empty one: files, directories, links and special
 * files, with owner, mode and times of each, without following a link and without leaving the
 * filesystem of `from_fd`. Callable after fork: allocates nothing. 0 or -errno; -ELOOP: nested more
 * than 64 levels.
 */

#include <sys/stat.h>

int copytree_copy(int from_fd, int to_fd);

/* Parts of it, for who copies by other rules. The bytes of a file, from where both are: */
int copytree_bytes(int from_fd, int to_fd);

/* a link; */
int copytree_link(int from_dir, int to_dir, const char *name);

/* and what `st` says of owner, mode and times. */
int copytree_attributes(int to_dir, const char *name, const struct stat *st);
