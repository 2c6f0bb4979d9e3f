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

/* ERR_CONFLICT: what one that does not run can't be asked for. Returns -ESRCH. */
int container_not_running(enum status_kind kind, struct err *err);

/* ERR_CONFLICT: what it writes is not kept. */
int container_check_log(const struct config *config, struct err *err);

/* A pidfd of its first process, which the caller owns. ERR_CONFLICT: it does not run. */
int container_open_process(const struct engine *engine, const struct entry *entry,
			   int *ret_pidfd, struct err *err);

/* One that has ended meanwhile got it. */
int container_signal(int pidfd, int signal, struct err *err);

/* -EINVAL: what its configuration says is no signal. */
int container_stop_signal(const struct config *config);

/* If it is paused, it is no longer. A process that stands still dies of no signal. */
void container_go_on(const struct engine *engine, const struct entry *entry);
