/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a container writes, on its way to the log and to all who are attached, for one poll loop:
 *
 *	n = relay_poll(&relay, fds);
 *	poll(fds, n, ...);
 *	relay_step(&relay, fds);
 *
 * A reader who is slow slows the container, as a pipe would, and with it the other readers; one who
 * is gone does not. One who reads the log first is such a reader too: meanwhile nothing is added to
 * it but what is left when the container ends.
 */

#include "base/buf.h"
#include "engine/entry.h"
#include "engine/log_writer.h"

#include <poll.h>

enum relay_stream { RELAY_OUT, RELAY_ERR, RELAY_STREAMS };

struct relay_source {
	int from_fd;   /* -1: it has ended */
	char *bytes;   /* what was read last: in `room`, at the end in `rest` */
	size_t len;
	struct buf rest;
	char room[16384];
};

/* One who is attached. */
struct relay_listener {
	int sock_fd; /* where he speaks to us (engine/message.h) */
	int out_fds[RELAY_STREAMS];  /* what he has us write to; -1: he wants nothing */
	size_t taken[RELAY_STREAMS]; /* how much of `bytes` he has */
	struct buf owed[RELAY_STREAMS]; /* before that: of half a line that the log has not yet */
	bool is_held; /* he reads the log */
};

#define RELAY_LISTENERS 32
#define RELAY_POLLS	(RELAY_STREAMS + RELAY_LISTENERS * (1 + RELAY_STREAMS))

struct relay {
	struct log_writer log;
	struct relay_listener listeners[RELAY_LISTENERS];
	size_t n; /* of them */
	struct relay_source sources[RELAY_STREAMS];
};

/* The log lies in the entry, and is made when there is something to keep. */
void relay_init(struct relay *relay, const struct entry *entry, const struct config *config);

/* Read from `from_fd`, which becomes the relay's. */
void relay_open(struct relay *relay, enum relay_stream stream, int from_fd);

/* One more, who hears what comes from now on. Takes `sock_fd`, also when it fails. NULL: there are
 * too many. What he wants written is added by relay_attach. */
struct relay_listener *relay_add(struct relay *relay, int sock_fd);

/* Both become the relay's; -1: nothing. */
void relay_attach(struct relay *relay, struct relay_listener *listener, int out_fd, int err_fd);

/* One who was attached just now reads the log up to the place that is returned. What came after
 * that is given to him when he is released. */
struct log_place relay_hold(struct relay *relay, struct relay_listener *listener);
void relay_release(struct relay_listener *listener);

/* He wants nothing any more. relay_remove closes his socket too; the last takes his place. */
void relay_detach(struct relay_listener *listener);
void relay_remove(struct relay *relay, size_t i);

/* How many of `fds` there are to poll. */
size_t relay_poll(const struct relay *relay, struct pollfd fds[static RELAY_POLLS]);

/* Is there something to hear from listener `i`, by what was polled? */
bool relay_speaks(const struct pollfd *fds, size_t i);

/* Write and read what can be without blocking. Listeners must be as they were when polled. */
void relay_step(struct relay *relay, const struct pollfd *fds);

/* The container has ended: take all that is left. It is in the log then; the listeners may take
 * their time. */
void relay_finish(struct relay *relay);

/* Is there something that this one has not taken yet? */
bool relay_is_waiting(const struct relay *relay, const struct relay_listener *listener);
