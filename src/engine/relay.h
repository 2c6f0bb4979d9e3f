/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a container writes, on its way to the log and to whoever is attached. A reader who is slow
 * slows the container, as a pipe would; one who is gone does not.
 */

#include "base/buf.h"
#include "base/stream.h"
#include "engine/entry.h"

/* Where all that a container writes is kept. */
struct relay_log {
	const struct entry *entry;
	int fd; /* -1 until there is something to keep */
};

struct relay {
	struct stream stream; /* to the one who is attached */
	struct buf rest;      /* what was left in the pipe at the end */
	size_t passed;        /* how much of that went into the stream */
	struct relay_log *log;
};

/* Both descriptors become the relay's: `from_fd` -1 has ended, `to_fd` -1 is nobody. */
void relay_init(struct relay *relay, int from_fd, int to_fd, struct relay_log *log);
void relay_done(struct relay *relay);

/* As stream_poll and stream_step. */
struct pollfd relay_poll(const struct relay *relay);
void relay_step(struct relay *relay, const struct pollfd *polled);

/* The container has ended: take all that is left in the pipe. It is in the log then; the one
 * attached may take his time. */
void relay_finish(struct relay *relay);

/* Nobody is attached any more. */
void relay_let_go(struct relay *relay);

/* Is there something that was written and that the one attached has not taken yet? */
bool relay_is_waiting(const struct relay *relay);
