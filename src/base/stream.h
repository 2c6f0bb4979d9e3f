/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bytes on their way from one descriptor to another, one step at a time, for a poll loop that must
 * not block in either:
 *
 *	fds[i] = stream_poll(&s);
 *	poll(fds, ...);
 *	stream_step(&s, &fds[i]);
 *
 * A write never asks for more than a pipe that polls writable takes at once. Both descriptors are
 * borrowed.
 */

#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define STREAM_ROOM 16 /* bytes that a read leaves free, for who puts some in between */

struct stream {
	int from_fd, to_fd;
	bool is_open;        /* there may be more to read */
	bool is_refused;     /* the other end takes nothing any more: what comes is dropped */
	size_t start, end;   /* what was read and not yet written */
	char bytes[PIPE_BUF];
};

/* from_fd < 0: a stream that has ended. */
void stream_init(struct stream *s, int from_fd, int to_fd);

/* What it waits for next: to be filled, or to be emptied. fd is -1 when it has ended. */
struct pollfd stream_poll(const struct stream *s);

/* Do what `polled` says can be done without blocking. */
void stream_step(struct stream *s, const struct pollfd *polled);

/* Everything was read and written. */
bool stream_has_ended(const struct stream *s);

/* The two halves of a step, for who looks at the bytes in between. The number of bytes that were
 * read; 0 at the end, or when there was nothing. */
size_t stream_read(struct stream *s);
void stream_write(struct stream *s);

/* Move what is there already, waiting at most a second for the other end to take it: what a process
 * wrote before it ended is still in the pipe. */
void stream_drain(struct stream *s);
