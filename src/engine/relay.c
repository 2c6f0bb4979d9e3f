/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream with a log beside it: what is read goes to the log at once and to the one attached as
 * he takes it.
 */
#include "engine/relay.h"

#include "base/cleanup.h"
#include "base/io.h"

#include <string.h>
#include <unistd.h>

void relay_init(struct relay *relay, int from_fd, int to_fd, struct relay_log *log)
{
	*relay = (struct relay){ .log = log };
	stream_init(&relay->stream, from_fd, to_fd);
}

void relay_done(struct relay *relay)
{
	relay_let_go(relay);
	closep(&relay->stream.from_fd);
	relay->stream.from_fd = -1;
	buf_done(&relay->rest);
}

struct pollfd relay_poll(const struct relay *relay)
{
	return stream_poll(&relay->stream);
}

/* A full disk costs what is written while it is full, and never the container. */
static void keep(struct relay_log *log, const char *bytes, size_t len)
{
	struct err err = {};

	if (log->fd < 0 && entry_open_log(log->entry, &log->fd, &err) < 0)
		return;
	(void)io_write(log->fd, bytes, len);
}

/* The next piece of what was left at the end. */
static void refill(struct relay *relay)
{
	struct stream *stream = &relay->stream;
	size_t n = relay->rest.len - relay->passed;

	if (stream->start < stream->end || stream->is_refused || n == 0)
		return;
	if (n > sizeof(stream->bytes))
		n = sizeof(stream->bytes);
	memcpy(stream->bytes, relay->rest.data + relay->passed, n);
	stream->start = 0;
	stream->end = n;
	relay->passed += n;
}

bool relay_is_waiting(const struct relay *relay)
{
	return relay->stream.start < relay->stream.end;
}

void relay_step(struct relay *relay, const struct pollfd *polled)
{
	bool was_waiting = relay_is_waiting(relay);

	if (polled->fd < 0 || !polled->revents)
		return;
	stream_step(&relay->stream, polled);
	if (!was_waiting)
		keep(relay->log, relay->stream.bytes, relay->stream.end);
	refill(relay);
}

void relay_finish(struct relay *relay)
{
	struct stream *stream = &relay->stream;
	struct pollfd fd = { .fd = stream->from_fd, .events = POLLIN };
	char bytes[PIPE_BUF];
	ssize_t n;

	while (stream->is_open && poll(&fd, 1, 0) > 0) {
		n = read(stream->from_fd, bytes, sizeof(bytes));
		if (n <= 0)
			break;
		keep(relay->log, bytes, (size_t)n);
		if (!stream->is_refused)
			buf_add(&relay->rest, bytes, (size_t)n);
	}
	stream->is_open = false;
	refill(relay);
}

void relay_let_go(struct relay *relay)
{
	closep(&relay->stream.to_fd);
	relay->stream.to_fd = -1;
	relay->stream.is_refused = true;
	relay->stream.start = relay->stream.end;
}
