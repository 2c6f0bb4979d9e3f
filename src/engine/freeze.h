/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A container that keeps still while its files are read. It goes on when it is let go, and also if
 * whoever froze it is killed: a process beside it waits for that.
 */

#include "engine/engine.h"

struct freeze {
	pid_t host_pid; /* of the process that thaws it; 0: there is nothing to thaw */
	int hold_fd;    /* whose end it waits for */
};

#define FREEZE_NONE { 0, -1 }

/* One that does not run, or is paused already, is left as it is. In a process that has a single
 * thread. ERR_CONFLICT: it has no cgroup. */
int freeze_begin(const struct engine *engine, const char *id, struct freeze *ret,
		 struct err *err);

/* Returns once it goes on. */
void freeze_end(struct freeze *freeze);
#define auto_freeze auto_cleanup(freeze_end)
