/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that grows, and the pipe that tells how far. The counters in the pipe are totals, so only
 * the newest matters and any but the last may be lost; the top bit marks the last. The end of the
 * pipe without it means that whoever downloads gave up or died.
 */
#include "layer/source.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#define IS_COMPLETE (UINT64_C(1) << 63)

int layer_source_tell(int progress_fd, uint64_t bytes, bool is_complete)
{
	struct pollfd room = { .fd = progress_fd, .events = POLLOUT };
	uint64_t message = bytes | (is_complete ? IS_COMPLETE : 0);

	for (;;) {
		int n = poll(&room, 1, is_complete ? -1 : 0);

		if (n == 0)
			return 0;
		if (n > 0 && write(progress_fd, &message, sizeof(message)) >= 0)
			return 0;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}

void source_init(struct source *source, const struct layer_source *from, int stop_fd)
{
	*source = (struct source){ .from = *from, .stop_fd = stop_fd };
	if (from->progress_fd >= 0)
		return;
	source->is_complete = true;
	source->there = UINT64_MAX;
}

/* Wait until there is news, or until nobody wants any. */
static int wait_for_news(const struct source *source, struct err *err)
{
	struct pollfd fds[2] = {
		{ .fd = source->from.progress_fd, .events = POLLIN },
		{ .fd = source->stop_fd, .events = POLLIN },
	};

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "wait for the download");
	if (fds[1].revents)
		return err_set(err, ERR_SYSTEM, ECANCELED, "stopped");
	return 0;
}

static int hear(struct source *source, struct err *err)
{
	uint64_t news[512]; /* a page of the pipe, so that there is room again */
	ssize_t n;
	int r = wait_for_news(source, err);

	if (r < 0)
		return r;
	n = read(source->from.progress_fd, news, sizeof(news));
	if (n < 0)
		return errno == EINTR ? 0 : err_sys(err, errno, "follow the download");
	if (n == 0)
		return err_set(err, ERR_SYSTEM, ECONNRESET,
			       "the download broke off after %llu bytes",
			       (unsigned long long)source->there);
	for (size_t i = 0; i < (size_t)n / sizeof(news[0]); i++) {
		source->there = news[i] & ~IS_COMPLETE;
		source->is_complete = news[i] & IS_COMPLETE;
	}
	return 0;
}

/* By position, so that whoever writes the file may share the descriptor's own; a pipe has none. */
static ssize_t read_at(const struct source *source, void *bytes, size_t cap)
{
	ssize_t n;

	do {
		n = pread(source->from.file_fd, bytes, cap, (off_t)source->at);
		if (n < 0 && errno == ESPIPE)
			n = read(source->from.file_fd, bytes, cap);
	} while (n < 0 && errno == EINTR);
	return n;
}

ssize_t source_read(struct source *source, void *bytes, size_t cap, struct err *err)
{
	uint64_t left;
	ssize_t n;

	while (source->at >= source->there && !source->is_complete) {
		int r = hear(source, err);

		if (r < 0)
			return r;
	}
	left = source->there - source->at;
	if (left == 0)
		return 0;
	n = read_at(source, bytes, left < cap ? (size_t)left : cap);
	if (n < 0)
		return err_sys(err, errno, "read");
	if (n == 0 && source->from.progress_fd >= 0)
		return err_set(err, ERR_SYSTEM, EIO,
			       "%llu bytes should be there, but only %llu are",
			       (unsigned long long)source->there, (unsigned long long)source->at);
	source->at += (uint64_t)n;
	return n;
}
