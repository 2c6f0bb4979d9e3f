/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a container that does not run would have mounted, as far as it is kept: volumes, binds, and
 * the files of its network. In the mount namespace in which its root is mounted for us. */

#include "engine/engine.h"

/* Below `root_fd`, a mount of ours, which becomes read-only if the container's root is. */
int copy_mounts_add(const struct engine *engine, const struct config *config, int root_fd,
		    struct arena *arena, struct err *err);
