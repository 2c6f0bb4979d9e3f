/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A write may take less than it was given, and a read give less than was asked, or be interrupted
 * before it did anything. Neither is a
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

size_t io_read(int fd, void *bytes, size_t n)
{
	size_t have = 0;

	while (have < n) {
		ssize_t done = read(fd, (char *)bytes + have, n - have);

		if (done == 0 || (done < 0 && errno != EINTR))
			break;
		have += done > 0 ? (size_t)done : 0;
	}
	return have;
}
