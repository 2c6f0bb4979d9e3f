/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How the parent and the process that becomes the container talk while it is being born. This is
 * the only place that knows.
 *
 *	create                                    child (pid 1 of the container)
 *	clone3(namespaces, cgroup, pidfd) ------>
 *	id maps, idmapped mounts, net devices
 *	   ----------- ENTER [cgroups] ------->   only if the plan has any of these
 *	                                          namespaces, mounts, devices
 *	   <---------- MOUNTED [host root] ----   only if there are hooks for it
 *	hooks
 *	   ----------- PIVOT ----------------->
 *	                                          pivot_root, identity, program found
 *	   <---------- READY [terminal] -------
 *	exits, or for `run` goes on               waits: create on a socket in the state
 *	                                          directory, run on this one
 *	start, another process
 *	   ----------- GO -------------------->   seccomp
 *	   <---------- LISTENER number --------   only if the filter notifies
 *	   ----------- LISTENING ------------->
 *	   <---------- end of file ------------   execve done: running
 *
 * The child of exec, if it has no terminal to show, finds GO there when it gets to READY.
 *
 * A SOCK_SEQPACKET pair; a message is {step, err}. A message whose err is set ends the exchange:
 * the receiver returns that error. A step that is not the expected one is a bug and names both. End
 * of file means "running" after GO (LISTENING), and "died before STEP" anywhere else.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define SYNC_STEPS(X)                                                                 \
	X(ENTER,     PARENT, "the namespaces are furnished")                           \
	X(MOUNTED,   CHILD,  "the root filesystem is complete")                        \
	X(PIVOT,     PARENT, "the hooks have run")                                     \
	X(READY,     CHILD,  "all is done but execve")                                 \
	X(GO,        PARENT, "start")                                                  \
	X(LISTENER,  CHILD,  "here is the descriptor of the seccomp listener")         \
	X(LISTENING, PARENT, "the seccomp agent has it")

enum sync_step {
#define X(name, from, meaning) SYNC_##name,
	SYNC_STEPS(X)
#undef X
	SYNC_STEP_MAX_
};

struct sync_msg {
	uint32_t step;
	uint32_t number; /* LISTENER: the descriptor, as the child calls it. ENTER: see below */
	struct err err; /* of a child: `msg` is what it was doing; the reader makes the sentence */
};

/* Send `step`, with descriptor `fd` if >= 0. Callable after fork: allocates nothing. 0 or
 * -errno. */
int sync_send(int sock_fd, enum sync_step step, int fd);

/* ENTER, with descriptors, and `number` that says what they are (child.h, cgroups). 0 or -errno. */
int sync_send_enter(int sock_fd, uint32_t number, const int *fds, size_t n);

/* The child's side of it: at most `cap` descriptors into `ret_fds`. Callable after fork. */
int sync_expect_enter(int sock_fd, uint32_t *ret_number, int *ret_fds, size_t cap);

/* Send what failed instead of a step. Callable after fork. */
void sync_send_failure(int sock_fd, const struct err *failure);

/*
 * Wait for `step`; its descriptor, or -1, goes to *ret_fd unless that is NULL. Returns 0, or the
 * peer's error, or -EPROTO (another step), or -ECONNRESET ("died before ...").
 */
int sync_wait(int sock_fd, enum sync_step step, int *ret_fd, struct err *err);

/*
 * After GO: wait until the child runs. Returns 0 at end of file, or 1 when it has a seccomp
 * listener first: take descriptor *ret_number from it, send LISTENING and wait again. ERR_CONFLICT:
 * another starter was first.
 */
int sync_wait_running(int sock_fd, int *ret_number, struct err *err);

/* The child's LISTENER: by write(2), the one call that a filter with a listener may not
 * ask about. */
int sync_send_listener(int sock_fd, int number);

/* The child's side: no words. 0, or -errno; any surprise is -EPROTO. Callable after fork. */
int sync_expect(int sock_fd, enum sync_step step);
