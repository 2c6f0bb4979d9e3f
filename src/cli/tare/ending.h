/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Why a container ended, in words, as run, ps and inspect say it. */

#include "cli/tare/verb.h"
#include "engine/config.h"
#include "engine/status.h"

/*
 * "OOM-killed: needed more than its limit of 64 MiB", in `arena`; NULL when its exit code says all
 * that there is to say. A container that was killed itself by the kernel, or ended as one that was
 * because a process of its was.
 */
const char *ending_reason(const struct config *config, const struct ending *ending,
			  struct arena *arena);

/* Say so, if there is something to say. Returns the exit status of the verb that attended it. */
int ending_tell(const struct call *call, const struct config *config, const struct ending *ending);
