/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contents go from one file to the other without coming here. Within a file system that can, they
 * are shared (copy_file_range); between two of them they go through the page cache once.
 */
#include "sys/sparse.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_CALL ((off_t)1 << 30)

static size_t next_call(off_t left)
{
	return (size_t)(left < MAX_CALL ? left : MAX_CALL);
}

/* Where it came to: `end`, or less at the end of the file; or -errno. */
static off_t send_range(int from_fd, int to_fd, off_t at, off_t end)
{
	if (lseek(to_fd, at, SEEK_SET) < 0)
		return -errno;
	while (at < end) {
		ssize_t n = sendfile(to_fd, from_fd, &at, next_call(end - at));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
	}
	return at;
}

/* The same. What says no, or that there is nothing, is asked in the other way. */
static off_t copy_range(int from_fd, int to_fd, off_t at, off_t end)
{
	off_t to = at;

	while (at < end) {
		ssize_t n = copy_file_range(from_fd, &at, to_fd, &to, next_call(end - at), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return send_range(from_fd, to_fd, at, end);
	}
	return at;
}

/* The next piece that is no hole, from `at` on: 1, or 0 when there is none. */
static int next_piece(int from_fd, off_t at, off_t *ret_start, off_t *ret_end)
{
	off_t start = lseek(from_fd, at, SEEK_DATA);

	if (start < 0 && errno == ENXIO)
		return 0;
	*ret_start = start < 0 ? at : start;
	start = start < 0 ? -1 : lseek(from_fd, start, SEEK_HOLE);
	if (start >= 0 && start < *ret_end)
		*ret_end = start;
	return *ret_start < *ret_end;
}

/* A hole at the end, or is that where it ends by now? */
static off_t length_of(int from_fd, off_t end)
{
	struct stat st;

	return fstat(from_fd, &st) == 0 && st.st_size < end ? st.st_size : end;
}

int sparse_copy(int from_fd, int to_fd, uint64_t bytes)
{
	off_t end = (off_t)bytes, at = 0, start = 0, stop = end;

	while (at < end && next_piece(from_fd, at, &start, &stop)) {
		at = copy_range(from_fd, to_fd, start, stop);
		if (at < 0)
			return (int)at;
		if (at < stop)
			end = at;
		stop = end;
	}
	return ftruncate(to_fd, length_of(from_fd, end)) < 0 ? -errno : 0;
}
