/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Verbs that take several containers do with each what they can, say of each that failed why, and
 * fail in the end if one did.
 */

#include "cli/tare/choose.h"

/* One container: prints its result, if it has one. 0 or a negative errno. */
typedef int each_fn(const struct call *call, const char *who, struct err *err);

/* All that the operands name. Returns the exit status. */
int each_container(const struct call *call, each_fn *fn);

/* The same for a verb that has the rows of cli/tare/choose.h; `all` as choose has it. */
int each_chosen(const struct call *call, const struct choose_args *args, unsigned all, each_fn *fn,
		struct err *err);

/* Say that `who` failed. Returns the exit status; 0 if that may be. */
int each_failed(const struct call *call, const struct chosen *chosen, const char *who,
		struct err *err);

/* Print what was acted on, as docker does. */
void each_print(const char *who);
