/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The names in a directory. readdir(3) */

/* 0: go on. Anything else ends the walk. */
typedef int each_name_fn(void *data, int dir_fd, const char *name);

/* Show each to `fn`, but "." and "..". Consumes `fd`, also when it fails; of -1 nothing is shown.
 * Returns what ended it, 0 or -errno. */
int each_name(int fd, each_name_fn *fn, void *data);
