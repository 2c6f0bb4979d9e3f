/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A person at a process of a container: what is typed goes in, signals go to the process, and the
 * terminal is raw for as long as that lasts.
 *
 * The process is a container's first, whose monitor we talk to (engine/message.h) and which writes
 * to our standard output by itself; or it is a child of ours, of exec, and we relay what it writes.
 */

#include "engine/detach_keys.h"
#include "engine/entry.h"
#include "engine/log_files.h"

#include <stdbool.h>

/* Which of a container's streams are ours. */
enum attach_streams {
	ATTACH_STDIN = 1 << 0,
	ATTACH_STDOUT = 1 << 1,
	ATTACH_STDERR = 1 << 2,
	ATTACH_ALL = ATTACH_STDIN | ATTACH_STDOUT | ATTACH_STDERR,
};

struct attach_request {
	int sock_fd;     /* to the monitor; -1: the process is a child of ours */
	int pidfd;       /* of that child; -1 */
	int out_fds[2];  /* what we read and write to our standard output and error; -1 */
	int signal_fd;   /* signals_open, from before the process was made */
	bool has_stdin;  /* our standard input is the process's */
	bool has_stdin_only; /* and we leave when there is no more of it */
	bool has_tty;    /* it has a terminal */
	bool has_log;    /* what its log holds is printed first */
	bool sig_proxy;  /* signals that we get go to it; without, they end us alone */
	struct detach_keys keys;
};

#define ATTACH_NONE { .sock_fd = -1, .pidfd = -1, .out_fds = { -1, -1 }, .signal_fd = -1 }

/* Close what it holds. */
void attach_done(struct attach_request *request);

/* Wait until the container runs. *ret_in_fd: the way in, the caller's, or -1. *ret_log, unless that
 * is NULL: where its log is. What the monitor failed with is returned as our own error. */
int attach_wait_started(int sock_fd, int *ret_in_fd, struct log_place *ret_log, struct err *err);

/* Call the monitor of one that runs, and wait until it writes to our standard output, or with
 * has_log until it is ready to: *ret_log. */
int attach_call(const struct entry *entry, struct attach_request *request, int *ret_in_fd,
		struct log_place *ret_log, struct err *err);

/*
 * Attend it to its end, or until the person leaves. Takes `in_fd`, the way in. Returns:
 */
enum attach_outcome {
	ATTACH_ENDED,  /* *ret: how a container ended; of a child it is not set */
	ATTACH_LEFT,   /* by the keys */
	ATTACH_KILLED, /* a signal ended us alone; the exit code is 128 and its number */
};
int attach_run(const struct attach_request *request, int in_fd, struct ending *ret,
	       struct err *err);
