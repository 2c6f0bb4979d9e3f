/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A file's contents, copied by the kernel, with holes where it has some. lseek(2) SEEK_DATA,
 * copy_file_range(2), sendfile(2).
 */

#include <stdint.h>

/*
 * The first `bytes` of `from_fd` go to `to_fd`, which is empty. Of a file that has become shorter
 * meanwhile it is what there is. 0 or -errno.
 */
int sparse_copy(int from_fd, int to_fd, uint64_t bytes);
