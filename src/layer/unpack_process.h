/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Unpacking in a process of its own, shut in with the layer's directory (layer/jail.h).
 *
 *	layer_unpack_start(&request, &unpacking, err);
 *	... poll(unpacking.result_fd) while downloading ...
 *	layer_unpack_wait(&unpacking, &facts, err);
 *
 * The child is a copy of the calling process, which must have a single thread: start before the
 * library that downloads starts any, all that will be needed. It needs CAP_SYS_ADMIN over its mount
 * namespace: as root, or in a user namespace of one's own.
 *
 * What the child says of the layer is no more to be trusted than the layer: compare the diffID
 * with the one in the image's configuration. It can do no harm but to the directory that it had.
 */

#include "layer/unpack.h"

#include <sys/types.h>

struct layer_unpacking {
	pid_t host_pid;
	int pidfd;
	int result_fd; /* readable once it has ended */
};

#define LAYER_UNPACKING_NONE { 0, -1, -1 }

/* All descriptors of the request are borrowed, and the caller's to close once this has returned: so
 * its copy of progress_fd, or nobody learns that the unpacking has failed. */
int layer_unpack_start(const struct layer_unpack *request, struct layer_unpacking *ret,
		       struct err *err);

/* Wait for the end: what layer_unpack_here returned, in there. -ECHILD: it died without a word. */
int layer_unpack_wait(struct layer_unpacking *unpacking, struct layer_facts *ret,
		      struct err *err);

/* Kill it, if it still runs, and let go. */
void layer_unpack_kill(struct layer_unpacking *unpacking);
#define auto_layer_unpacking auto_cleanup(layer_unpack_kill)
