/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one way to a path below a root that someone else may have filled: it is resolved once, as a
 * process inside that root would see it, to a descriptor; then only that descriptor is used.
 * openat2(2), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS.
 *
 * Links are followed and stay below the root, ".." ends at it. All functions are callable after
 * fork: they allocate nothing. They return a descriptor (close-on-exec, the caller's) or -errno.
 */

#include <sys/types.h>

/* What is at `path`. `flags` as for open(2), O_CLOEXEC is added; most callers want O_PATH. */
int resolve_open(int root_fd, const char *path, int flags);

/* The same, but no component may be a link: -ELOOP. A link at the end itself can be had with O_PATH
 * and O_NOFOLLOW. */
int resolve_open_plain(int root_fd, const char *path, int flags);

/* The directory at `path`, O_PATH; it and its parents are made (0755) where they are missing. */
int resolve_ensure_dir(int root_fd, const char *path);

/* The same, but no component may be a link: -ELOOP. For what must be where its path says. */
int resolve_ensure_plain_dir(int root_fd, const char *path);

/* The file at `path`, O_PATH; it is made empty (0644), with its parents, where it is missing. */
int resolve_ensure_file(int root_fd, const char *path);

/* The directory that holds the last component of `path`, made if it is missing. *ret_name points
 * into `path`. -EINVAL: the path ends in "..", or has no last component. */
int resolve_ensure_parent(int root_fd, const char *path, const char **ret_name);
