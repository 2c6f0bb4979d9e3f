/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A write may take less than it was given, or be interrupted before it took anything. Neither is a
 * failure, and nobody should have to think of it twice.
 */
#include "base/io.h"

#include <errno.h>
#include <unistd.h>

int io_write(int fd, const void *bytes, size_t n)
{
	const char *next = bytes;

	while (n > 0) {
		ssize_t done = write(fd, next, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		next += done;
		n -= (size_t)done;
	}
	return 0;
}

int io_write_at(int fd, const void *bytes, size_t n, off_t at)
{
	const char *next = bytes;

	while (n > 0) {
		ssize_t done = pwrite(fd, next, n, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		next += done;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}
