/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Removing containers that do not run, for `container prune` and `system prune`. */

#include "cli/tare/verb.h"

/* The ids of those that went are added to `out` as docker prints them, and what they had changed to
 * *bytes. One that was begun meanwhile stays. */
int container_prune(const struct call *call, const struct opt_strings *filters, struct buf *out,
		    uint64_t *bytes, struct err *err);
