/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a container's monitor and those who are attached talk. This is the only place that knows.
 *
 *	who starts it                                monitor
 *	fork, with standard output and error
 *	   <--------- STARTED [way in] -----------   its program runs; the write end of its standard
 *	                                             input, or the master of its terminal
 *	   <--------- FAILED err -----------------   instead: it does not run
 *
 *	who comes later, to the socket in its entry
 *	   ---------- ATTACH wishes [out err] ---->  write what it writes there
 *	   <--------- STARTED [way in] -----------   if that is wished, and there is one; the place
 *	                                             where the log is then, if that is wished
 *	   ---------- CAUGHT_UP ----------------->   if it was: the log is read up to there. Until
 *	                                             then nothing is written to him
 *
 *	each of them
 *	   ---------- SIGNAL number ------------->   any time: for its first process
 *	   ---------- DETACH -------------------->   stop writing to my output
 *	   <--------- DETACHED -------------------   done
 *	   <--------- EXITED status --------------   all that it wrote was written
 *
 * SOCK_SEQPACKET. What the container writes does not travel here: the monitor writes it to the
 * descriptors that it was given. End of file from one who is attached is DETACH; from the monitor
 * it means that it was killed.
 *
 * A monitor outlives an upgrade of the program: what it does not understand it answers with end of
 * file. Whoever changes a message counts MESSAGE_VERSION up.
 */

#include "base/err.h"
#include "engine/log_files.h"
#include "engine/status.h"

#include <stdint.h>

#define MESSAGE_VERSION 2

enum message_kind {
	MESSAGE_STARTED,
	MESSAGE_FAILED,
	MESSAGE_ATTACH,
	MESSAGE_CAUGHT_UP,
	MESSAGE_SIGNAL,
	MESSAGE_DETACH,
	MESSAGE_DETACHED,
	MESSAGE_EXITED,
	MESSAGE_KIND_MAX_
};

/* Of ATTACH. */
enum message_wishes { MESSAGE_WAY_IN = 1 << 0, MESSAGE_LOG = 1 << 1 };

struct message {
	uint32_t version;
	uint32_t kind;
	int32_t number;  /* SIGNAL, EXITED, ATTACH: enum message_wishes */
	uint32_t oom_kills; /* EXITED: status.json's */
	struct log_place log; /* STARTED */
	struct err err;  /* FAILED */
};

/* What a message bears: STARTED one, ATTACH two. */
#define MESSAGE_FDS 2

/* Send, with descriptor `fd` if >= 0. 0 or -errno. */
int message_send(int sock_fd, enum message_kind kind, int32_t number, int fd);
int message_send_attach(int sock_fd, unsigned wishes, const int out_fds[static MESSAGE_FDS]);
int message_send_started(int sock_fd, pid_t host_pid, const struct log_place *log, int in_fd);
int message_send_ending(int sock_fd, const struct ending *ending);
int message_send_failure(int sock_fd, const struct err *failure);

/* 1: *ret, with its descriptors or -1 in ret_fds, the caller's. 0: end of file. -errno; -EPROTO:
 * what came is none, or another version's. */
int message_receive(int sock_fd, struct message *ret, int ret_fds[static MESSAGE_FDS]);
