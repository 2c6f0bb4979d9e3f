/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An engine of a claim's own, with nothing in it, in a network namespace with nothing but "lo". */

#include "engine/network.h"
#include "net/world.h"
#include "tmpdir.h"

#define ENGINE                                                                         \
	auto_tmpdir struct tmpdir dir;                                                 \
	auto_arena struct arena arena = {};                                            \
	auto_close int ns_fd = -1, fd = -1;                                            \
	struct engine engine = {};                                                     \
	struct err err = {};                                                           \
	tmpdir_make(&dir);                                                             \
	if (!new_namespace(&ns_fd) ||                                                  \
	    !CHECK(engine_open(&engine, dir.path, "/tare-test", &arena, &err) == 0) || \
	    !CHECK(engine_networks_open(&engine, &fd, &err) == 0))                     \
	return false

static inline struct network *named(struct arena *arena, const char *name)
{
	struct network *network = arena_new(arena, struct network);

	network->name = arena_strdup(arena, name);
	return network;
}
