/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a container wrote before somebody came to it. */

#include "engine/entry.h"
#include "engine/log_files.h"

/* Print its log up to `end`, which the monitor behind `sock_fd` told, and tell it so: from now on
 * it writes to our standard output and error, where this ended. */
int attach_log(const struct entry *entry, const struct config *config,
	       const struct log_place *end, int sock_fd, struct err *err);
