/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Marks in a container's entry: empty files that say where it is worth looking twice, for what is
 * true elsewhere. So one that whoever set it could not take back is harmless, and one that is not
 * there saves the look.
 */

#include "base/err.h"

#include <stdbool.h>

enum mark {
	MARK_PAUSED,   /* it may be paused: ask the kernel */
	MARK_RENAMING, /* it may have more names than its own: ask container.json */
	MARK_SHARED,   /* others may be in its network: its interfaces need not go with it */
	MARK_MAX_
};

/* Success also where it is set already. */
int mark_set(int dir_fd, enum mark mark, struct err *err);

void mark_clear(int dir_fd, enum mark mark);

bool mark_is_set(int dir_fd, enum mark mark);
