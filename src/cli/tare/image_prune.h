/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Removing images that nobody uses, for `image prune` and `system prune`. */

#include "cli/tare/verb.h"

/* Those that have no name, or with `all` those that no container was made from. What went is added
 * to `out` as docker prints it, and to *bytes. One that is in use stays. */
int image_prune(const struct call *call, bool all, const struct opt_strings *filters,
		struct buf *out, uint64_t *bytes, struct err *err);

/* The last line: what that came to. */
void image_prune_total(uint64_t bytes, struct buf *out);

/* Ask on standard error, and read the answer, which is no where there is none. */
bool image_prune_is_sure(const char *what);
