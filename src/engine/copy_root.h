/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A container's files as it sees them, to be read and written from outside: of one that runs (or is
 * paused) all that its first process sees, tmpfs and all; of one that does not, its root with its
 * volumes, binds and the files of its network, put together for us.
 *
 * What it holds is resolved below root_fd (sys/resolve.h) and no other way: who runs in there may
 * change it at any moment.
 */

#include "engine/engine.h"

struct copy_root {
	int root_fd;                  /* O_PATH */
	int ns_fd;                    /* what holds its mounts, where they were made for us */
	int lock_fd;                  /* so that nobody else puts it together */
	uint32_t ids_start, ids_size; /* as in struct config: what the host calls its ids */
};

#define COPY_ROOT_NONE { -1, -1, -1, 0, 0 }

/*
 * Of one that does not run, the calling process, which has a single thread, enters a mount
 * namespace of its own. ERR_NOT_FOUND; ERR_CONFLICT: it does not run, and its root is a view of the
 * host's, of which nothing is kept.
 */
int copy_root_open(const struct engine *engine, const char *who, struct copy_root *ret,
		   struct err *err);
void copy_root_close(struct copy_root *root);
#define auto_copy_root auto_cleanup(copy_root_close)
