/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What lies on the host behind a container's binds, made ready before it starts. */

#include "engine/config.h"
#include "oci/spec.h"

/*
 * Make the directories that -v names and that are missing, 0755. What is to be given to the
 * container's user (U) becomes his: `process` says who that is; what a bind shows has on the disk
 * the ids of inside. ERR_USAGE: it is a directory of the machine's own.
 */
int sources_prepare(const struct config *config, const struct oci_process *process,
		    struct err *err);
