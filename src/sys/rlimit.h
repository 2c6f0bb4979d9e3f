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
