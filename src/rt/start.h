/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The last part of a birth: GO, and what has to happen around execve. */

#include "rt/container.h"
#include "rt/notify.h"

struct start {
	const struct oci_spec *spec;
	const struct rt_state *state; /* of the container, RT_CREATED */
	int sock_fd;                  /* to the waiting child */
	int pidfd;
	int dir_fd;                   /* the container's state directory */
	struct notify notify;         /* start_container opens it, start_done closes it */
};

/* Run the startContainer hooks, say GO, pass on a seccomp listener, and see it execve; then run the
 * poststart hooks, whose failure is only warned about. */
int start_container(struct start *start, struct err *err);

/* Wait until the container says that it is ready, if anybody wants to know. */
int start_wait_ready(const struct start *start, struct err *err);

void start_done(struct start *start);

/* The parts of it that exec needs too: GO; then the listener, and execve. */
int start_say_go(const struct start *start, struct err *err);
int start_see_running(const struct start *start, struct err *err);
