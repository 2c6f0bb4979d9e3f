/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Namespaces of others that one shares: --network container:NAME and its like, and ns:PATH. The
 * kernel has the user namespace decide who may do what in the others, so whoever shares one of
 * these shares the user namespace behind it as well, and has its ids.
 */

#include "engine/engine.h"
#include "engine/spec.h"

/*
 * When a container is made: have its words name ids, and give it the ids of those it shares with
 * (config->ids_of says whose they are). Where they have the host's, it has these. ERR_NOT_FOUND;
 * ERR_CONFLICT: one of them does not share that, or they have different ids.
 */
int joined_choose(const struct engine *engine, struct config *config, struct arena *arena,
		  struct err *err);

/* What is held open until the container has been started. */
struct joined {
	int fds[NS_KIND_MAX_];
};

void joined_init(struct joined *joined);
void joined_close(struct joined *joined);

/* When it is started: open them, and fill place->ns_paths. ERR_CONFLICT: one does not run.
 * ERR_USAGE: a path leads to no such namespace. */
int joined_open(const struct engine *engine, const struct config *config, struct joined *joined,
		struct spec_place *place, struct arena *arena, struct err *err);

/* The network namespace of a container that runs; the caller owns *ret_fd. ERR_CONFLICT: it does
 * not run. */
int joined_open_network(const struct engine *engine, const char *id, int *ret_fd, struct err *err);

/* Does it share the memory in the /dev/shm of another? Then attach that, in our mount namespace, as
 * `name` in `dir_fd`. In a process that has a single thread. */
bool joined_has_shm(const struct config *config);
int joined_attach_shm(const struct engine *engine, const struct config *config, int dir_fd,
		      const char *name, struct err *err);
