/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is mounted below the directories of the host that a container is shown. A tree of mounts is
 * mapped whole or not at all, and a mount of a tree can't be mapped by itself: so each is bound by
 * itself, mapped if it can be. One that can't be is named, and shown read-only: what was written
 * there would be nobody's.
 */

#include "engine/engine.h"

#include <stdbool.h>
#include <stdint.h>

#define SUBMOUNT_OF_ROOT SIZE_MAX

struct submount {
	size_t bind;          /* of which: an index of config->mounts, or SUBMOUNT_OF_ROOT */
	char *source, *target;
	bool is_mapped;       /* with the container's ids */
	bool is_whole;        /* with all that is mounted below it */
	bool is_shut;         /* read-only, since it can't be mapped */
};

struct submounts {
	struct submount *v; /* bind by bind, those that lie deeper later */
	size_t n;
};

/*
 * Those of a container with ids of its own; others have none, since their trees are bound as they
 * are. `own_path` is its entry's: what is mounted there is nothing to show. In the monitor: what is
 * found are the mounts of this process.
 */
int submounts_find(const struct engine *engine, const struct config *config, const char *own_path,
		   struct arena *arena, struct submounts *ret, struct err *err);

/* Is what is mounted below that bind bound by itself? */
bool submounts_are_apart(const struct config_mount *mount);
