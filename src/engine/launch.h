/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An entry becomes a running container: by a monitor, which is forked here. */

#include "engine/attach.h"
#include "engine/entry.h"

struct launch {
	const struct engine *engine;
	const struct entry *entry;
	const struct config *config;
	struct arena *arena;
	unsigned streams; /* enum attach_streams: our standard descriptors that are the container's,
			   * until `attach` ends; 0: we are not attached */
	bool is_new;      /* when it can't be started nothing is left of it */
	unsigned preserve_fds; /* our descriptors 3 .. 3+N-1 are passed on */
	struct attach_request attach; /* filled; what of it is the caller's wish is kept */
};

void launch_done(struct launch *launch);

/* The wishes of who is at a terminal: is there one, and what leaves it. Before anything is made. */
int launch_check(struct launch *launch, const char *detach_keys, struct err *err);

/* Returns when its program runs. *ret_in_fd: the way in, the caller's, or -1. -EBUSY, of no kind:
 * it has a monitor, and runs or is about to. */
int launch_container(struct launch *launch, int *ret_in_fd, struct err *err);

/* Attend it to its end, if attached. Takes `in_fd`. *ret: how it ended, zeros when detached or
 * left. */
int launch_attend(const struct launch *launch, int in_fd, struct ending *ret, struct err *err);
