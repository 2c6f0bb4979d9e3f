/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Removing networks that no container uses, for `network prune` and `system prune`. */

#include "cli/tare/verb.h"

/* The names of those that went are added to `out` as docker prints them. One that a container came
 * to meanwhile stays, and so does the default one. */
int network_prune(const struct call *call, const struct opt_strings *filters, struct buf *out,
		  struct err *err);
