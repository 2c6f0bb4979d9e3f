/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* write(2) and pwrite(2) until all of it is written, 0 or -errno; and read(2). Callable after
 * fork. */

#include <stddef.h>
#include <sys/types.h>

int io_write(int fd, const void *bytes, size_t n);
int io_write_at(int fd, const void *bytes, size_t n, off_t at);

/* Until there are `n` bytes, or there is no more. Returns how many there are. */
size_t io_read(int fd, void *bytes, size_t n);
