/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Remove `name` in `dir_fd` and all below it, however deep, without following a link and without
 * leaving its filesystem. That it is not there is success. 0 or -errno; what could be removed is.
 */
int rmtree(int dir_fd, const char *name);
