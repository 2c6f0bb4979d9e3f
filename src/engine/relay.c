/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is read goes to the log at once, and to each listener as he takes it; the next piece is read
 * when all have this one, and nobody is held. A write never asks for more than a pipe that polls
 * writable takes at once (PIPE_BUF): the descriptors are others' too, and can't be made
 * non-blocking.
 */
#include "engine/relay.h"

#include "base/cleanup.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* What is still in a pipe when the container has ended: a pipe holds no more (pipe(7)), and who
 * goes on writing is no process of it. */
#define REST_MAX ((size_t)1 << 20)

void relay_init(struct relay *relay, const struct entry *entry, const struct config *config)
{
	log_writer_init(&relay->log, entry->dir_fd, config);
	relay->n = 0;
	for (size_t s = 0; s < RELAY_STREAMS; s++) {
		struct relay_source *source = &relay->sources[s];

		source->from_fd = -1;
		source->bytes = source->room;
		source->len = 0;
		source->rest = (struct buf){};
	}
}

void relay_open(struct relay *relay, enum relay_stream stream, int from_fd)
{
	relay->sources[stream].from_fd = from_fd;
}

/* ------------------------------------------------------------------------------- listeners */

struct relay_listener *relay_add(struct relay *relay, int sock_fd)
{
	struct relay_listener *listener = &relay->listeners[relay->n];

	if (relay->n == RELAY_LISTENERS) {
		closep(&sock_fd);
		return NULL;
	}
	*listener = (struct relay_listener){ .sock_fd = sock_fd, .out_fds = { -1, -1 } };
	relay->n++;
	return listener;
}

void relay_attach(struct relay *relay, struct relay_listener *listener, int out_fd, int err_fd)
{
	relay_detach(listener);
	listener->out_fds[RELAY_OUT] = out_fd;
	listener->out_fds[RELAY_ERR] = err_fd;
	for (size_t s = 0; s < RELAY_STREAMS; s++)
		listener->taken[s] = relay->sources[s].len;
}

static void refuse(struct relay_listener *listener, size_t s)
{
	closep(&listener->out_fds[s]);
	listener->out_fds[s] = -1;
	buf_done(&listener->owed[s]);
}

void relay_detach(struct relay_listener *listener)
{
	for (size_t s = 0; s < RELAY_STREAMS; s++)
		refuse(listener, s);
	listener->is_held = false;
}

void relay_remove(struct relay *relay, size_t i)
{
	relay_detach(&relay->listeners[i]);
	closep(&relay->listeners[i].sock_fd);
	relay->listeners[i] = relay->listeners[--relay->n];
}

static bool waits(const struct relay *relay, const struct relay_listener *listener, size_t s)
{
	return listener->out_fds[s] >= 0 &&
	       (listener->owed[s].len || listener->taken[s] < relay->sources[s].len);
}

bool relay_is_waiting(const struct relay *relay, const struct relay_listener *listener)
{
	return listener->is_held || waits(relay, listener, RELAY_OUT) ||
	       waits(relay, listener, RELAY_ERR);
}

static void take_owed(struct buf *owed, size_t n)
{
	owed->len -= n;
	if (owed->len)
		memmove(owed->data, owed->data + n, owed->len);
	else
		buf_done(owed);
}

static void give(const struct relay *relay, struct relay_listener *listener, size_t s)
{
	const struct relay_source *source = &relay->sources[s];
	struct buf *owed = &listener->owed[s];
	const char *bytes = owed->len ? owed->data : source->bytes + listener->taken[s];
	size_t left = owed->len ? owed->len : source->len - listener->taken[s];
	ssize_t n = write(listener->out_fds[s], bytes, left < PIPE_BUF ? left : PIPE_BUF);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		refuse(listener, s);
	else if (n > 0 && owed->len)
		take_owed(owed, (size_t)n);
	else if (n > 0)
		listener->taken[s] += (size_t)n;
}

/* ------------------------------------------------------------------------------- sources */

static const enum log_stream log_streams[RELAY_STREAMS] = {
	[RELAY_OUT] = LOG_STDOUT,
	[RELAY_ERR] = LOG_STDERR,
};

static void keep(struct relay *relay, size_t s, const char *bytes, size_t len)
{
	log_writer_write(&relay->log, log_streams[s], bytes, len);
}

struct log_place relay_hold(struct relay *relay, struct relay_listener *listener)
{
	for (size_t s = 0; s < RELAY_STREAMS; s++) {
		const struct buf *rest = &relay->log.sides[log_streams[s]].rest;

		if (listener->out_fds[s] >= 0)
			buf_add(&listener->owed[s], rest->data, rest->len);
	}
	listener->is_held = true;
	return log_writer_place(&relay->log);
}

void relay_release(struct relay_listener *listener)
{
	listener->is_held = false;
}

static bool is_taken(const struct relay *relay, size_t s)
{
	for (size_t i = 0; i < relay->n; i++)
		if (relay->listeners[i].is_held || waits(relay, &relay->listeners[i], s))
			return false;
	return true;
}

/* A terminal whose last user closed it reads EIO: its end. */
static void fill(struct relay *relay, size_t s)
{
	struct relay_source *source = &relay->sources[s];
	ssize_t n = read(source->from_fd, source->room, sizeof(source->room));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		closep(&source->from_fd);
		source->from_fd = -1;
		return;
	}
	source->len = (size_t)n;
	for (size_t i = 0; i < relay->n; i++)
		relay->listeners[i].taken[s] = 0;
	keep(relay, s, source->bytes, source->len);
}

/* ------------------------------------------------------------------------------- the loop */

static size_t polls_of(size_t i)
{
	return RELAY_STREAMS + i * (1 + RELAY_STREAMS);
}

/* poll(2) passes over what is -1. */
static struct pollfd when(bool is_wanted, int fd, short events)
{
	return (struct pollfd){ .fd = is_wanted ? fd : -1, .events = events };
}

size_t relay_poll(const struct relay *relay, struct pollfd fds[static RELAY_POLLS])
{
	for (size_t s = 0; s < RELAY_STREAMS; s++)
		fds[s] = when(is_taken(relay, s), relay->sources[s].from_fd, POLLIN);
	for (size_t i = 0; i < relay->n; i++) {
		const struct relay_listener *listener = &relay->listeners[i];
		struct pollfd *its = &fds[polls_of(i)];

		its[0] = when(true, listener->sock_fd, POLLIN);
		for (size_t s = 0; s < RELAY_STREAMS; s++)
			its[1 + s] = when(!listener->is_held && waits(relay, listener, s),
					  listener->out_fds[s], POLLOUT);
	}
	return polls_of(relay->n);
}

bool relay_speaks(const struct pollfd *fds, size_t i)
{
	return fds[polls_of(i)].revents;
}

void relay_step(struct relay *relay, const struct pollfd *fds)
{
	for (size_t i = 0; i < relay->n; i++)
		for (size_t s = 0; s < RELAY_STREAMS; s++)
			if (fds[polls_of(i) + 1 + s].revents)
				give(relay, &relay->listeners[i], s);
	for (size_t s = 0; s < RELAY_STREAMS; s++)
		if (fds[s].revents)
			fill(relay, s);
}

static void finish(struct relay *relay, size_t s)
{
	struct relay_source *source = &relay->sources[s];
	struct pollfd fd = { .fd = source->from_fd, .events = POLLIN };
	size_t before = source->len;
	char bytes[PIPE_BUF];

	if (relay->n)
		buf_add(&source->rest, source->bytes, before);
	for (size_t kept = 0; kept < REST_MAX && poll(&fd, 1, 0) > 0;) {
		ssize_t n = read(fd.fd, bytes, sizeof(bytes));

		if (n <= 0)
			break;
		keep(relay, s, bytes, (size_t)n);
		if (relay->n)
			buf_add(&source->rest, bytes, (size_t)n);
		kept += (size_t)n;
	}
	log_writer_finish(&relay->log, log_streams[s]);
	closep(&source->from_fd);
	source->from_fd = -1;
	source->bytes = source->rest.data;
	source->len = source->rest.len;
}

void relay_finish(struct relay *relay)
{
	for (size_t s = 0; s < RELAY_STREAMS; s++)
		finish(relay, s);
}
