/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Several calls at once, each of which may lead to another: the blobs of an image, on their way in
 * or out. What is done is done by two functions of each piece of work; when to start what, and to
 * wait, is decided here.
 */

#include "registry/call.h"

struct work {
	struct call call;

	/* Set up the first call. 1: it is to be made; 0: there is nothing to do; -errno. */
	int (*begin)(struct work *work, struct err *err);

	/* The call has ended: `outcome` is 0 with an answer, or the -errno that `err` describes.
	 * 1: it was set up anew and is to be made; 0: all is done; -errno: that is the end. */
	int (*step)(struct work *work, int outcome, struct err *err);

	/* Of work.c. */
	enum { WORK_WAITING, WORK_RUNNING, WORK_PAUSED, WORK_DONE } state;
	int64_t due_ms;
};

/* All of them, at most as many at once as the registry's options say. At the first that fails the
 * others are ended where they are. */
int work_all(struct registry *registry, struct work **work, size_t n, struct err *err);
