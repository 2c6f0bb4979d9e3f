/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/*
 * Remove `name` in `dir_fd` and all below it, however deep, without following a link and without
 * leaving its filesystem. That it is not there is success. 0 or -errno; what could be removed is.
 */
int rmtree(int dir_fd, const char *name);

/*
 * The same for `n` of them, side by side: in processes, of which there are a few, so the caller
 * must be single-threaded. What can't be removed is still there afterwards.
 */
void rmtree_all(int dir_fd, const char *const *names, size_t n);
