/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The priority of a process's disk I/O. ioprio_set(2); process.ioPriority. */

#include "base/err.h"

/* `class_name` is "IOPRIO_CLASS_RT", "_BE" or "_IDLE", `priority` 0 (highest) to 7. */
int ioprio_parse(const char *class_name, int priority, int *ret_value, struct err *err);

/* Of the calling process. -EPERM: RT needs CAP_SYS_ADMIN or CAP_SYS_NICE. Callable after fork.
 * 0 or -errno. */
int ioprio_set(int value);
