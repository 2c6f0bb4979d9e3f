/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One buffer, filled and emptied in turn: what is slow at one end slows the other, and nothing is
 * kept in between.
 */
#include "base/stream.h"

#include <errno.h>
#include <unistd.h>

#define DRAIN_MS 1000

void stream_init(struct stream *s, int from_fd, int to_fd)
{
	s->from_fd = from_fd;
	s->to_fd = to_fd;
	s->is_open = from_fd >= 0;
	s->is_refused = to_fd < 0;
	s->start = s->end = 0;
}

static bool has_bytes(const struct stream *s)
{
	return s->start < s->end;
}

bool stream_has_ended(const struct stream *s)
{
	return !s->is_open && !has_bytes(s);
}

/* A terminal whose last user closed it reads EIO: its end. */
size_t stream_read(struct stream *s)
{
	ssize_t n = read(s->from_fd, s->bytes, sizeof(s->bytes) - STREAM_ROOM);

	s->start = s->end = 0;
	if (n > 0)
		s->end = (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		s->is_open = false;
	return s->end;
}

void stream_write(struct stream *s)
{
	ssize_t n = 0;

	if (!s->is_refused)
		n = write(s->to_fd, s->bytes + s->start, s->end - s->start);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		s->is_refused = true;
	if (s->is_refused)
		s->start = s->end;
	else if (n > 0)
		s->start += (size_t)n;
}

struct pollfd stream_poll(const struct stream *s)
{
	if (has_bytes(s))
		return (struct pollfd){ .fd = s->to_fd, .events = POLLOUT };
	return (struct pollfd){ .fd = s->is_open ? s->from_fd : -1, .events = POLLIN };
}

void stream_step(struct stream *s, const struct pollfd *polled)
{
	if (polled->fd < 0 || !polled->revents)
		return;
	if (has_bytes(s))
		stream_write(s);
	else
		(void)stream_read(s);
	if (has_bytes(s) && s->is_refused)
		s->start = s->end;
}

void stream_drain(struct stream *s)
{
	while (!stream_has_ended(s)) {
		struct pollfd fd = stream_poll(s);

		if (poll(&fd, 1, has_bytes(s) ? DRAIN_MS : 0) <= 0)
			return;
		stream_step(s, &fd);
	}
}
