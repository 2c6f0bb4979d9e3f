/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a container's monitor and whoever is attached to it talk. This is the only place that knows.
 *
 *	run, attached                                monitor
 *	fork, with standard output and error
 *	   <--------- STARTED [way in] -----------   its program runs; the write end of its standard
 *	                                             input, or the master of its terminal
 *	   ---------- SIGNAL number ------------->   any time: for its first process
 *	   ---------- DETACH -------------------->   stop writing to my output
 *	   <--------- DETACHED -------------------   done
 *	   <--------- EXITED status --------------   all that it wrote was written
 *
 *	   <--------- FAILED err -----------------   instead of STARTED: nothing is left of it
 *
 * A SOCK_SEQPACKET pair. What the container writes does not travel here: the monitor writes it to
 * the descriptors that it was given. End of file from the one who is attached is DETACH; from the
 * monitor it means that it was killed.
 */

#include "base/err.h"
#include "engine/status.h"

#include <stdint.h>

enum message_kind {
	MESSAGE_STARTED,
	MESSAGE_FAILED,
	MESSAGE_SIGNAL,
	MESSAGE_DETACH,
	MESSAGE_DETACHED,
	MESSAGE_EXITED,
	MESSAGE_KIND_MAX_
};

struct message {
	uint32_t kind;
	int32_t number;  /* SIGNAL, EXITED */
	uint32_t oom_kills; /* EXITED: status.json's */
	struct err err;  /* FAILED */
};

/* Send, with descriptor `fd` if >= 0. 0 or -errno. */
int message_send(int sock_fd, enum message_kind kind, int32_t number, int fd);
int message_send_ending(int sock_fd, const struct ending *ending);
int message_send_failure(int sock_fd, const struct err *failure);

/* 1: *ret, with its descriptor or -1 in *ret_fd, the caller's. 0: end of file. -errno; -EPROTO:
 * what came is none. */
int message_receive(int sock_fd, struct message *ret, int *ret_fd);
