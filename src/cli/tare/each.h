/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Verbs that take several containers do with each what they can, say of each that failed why, and
 * fail in the end if one did.
 */

#include "cli/tare/verb.h"

/* One container: prints its result, if it has one. 0 or a negative errno. */
typedef int each_fn(const struct call *call, const char *who, struct err *err);

/* Returns the exit status. */
int each_container(const struct call *call, each_fn *fn);

/* Print what was acted on, as docker does. */
void each_print(const char *who);
