/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Resource limits. getrlimit(2); process.rlimits. */

#include "base/err.h"

#include <stdint.h>

struct rlimit_value {
	int resource; /* RLIMIT_* */
	uint64_t soft, hard; /* UINT64_MAX: unlimited */
};

/* `type` is "RLIMIT_NOFILE" and its like. */
int rlimit_parse(const char *type, uint64_t soft, uint64_t hard, struct rlimit_value *ret,
		 struct err *err);

/* Of the calling process, exactly as given. -EPERM: the hard limit would rise and CAP_SYS_RESOURCE
 * is missing, or NOFILE is above fs.nr_open. Callable after fork. 0 or -errno. */
int rlimit_set(const struct rlimit_value *value);

/* What it is now: `value` has the resource. 0 or -errno. */
int rlimit_get(struct rlimit_value *value);

/* Raise the hard limit of the calling process to that of `value`, where it is lower, and leave the
 * soft one. Children can go up to there, in a user namespace too, in which nobody may raise what is
 * hard. -EPERM: as above. 0 or -errno. */
int rlimit_raise(const struct rlimit_value *value);
