/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Copies what is below one directory into another, empty one: files, directories, links and special
 * files, with owner, mode and times of each, without following a link and without leaving the
 * filesystem of `from_fd`. Callable after fork: allocates nothing. 0 or -errno; -ELOOP: nested more
 * than 64 levels.
 */

int copytree_copy(int from_fd, int to_fd);
