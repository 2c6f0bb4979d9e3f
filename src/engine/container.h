/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a container is doing, for the engine's own rooms; engine.h has what others ask. */

#include "engine/entry.h"

#define ENGINE_STATUS_LOST 255 /* the exit code of one whose monitor was killed */

/* Its status as it is now, in `arena`. */
int container_status(const struct engine *engine, const struct entry *entry, struct arena *arena,
		     struct status **ret, struct err *err);

/* Does its first process go on, without a monitor? To be asked of one that has none. */
bool container_outlives_monitor(const struct engine *engine, const struct entry *entry);
