/* SPDX-License-Identifier: Apache-2.0 */
/*
 * I/O priority: a class and a level in one number, as the kernel packs them.
 */
#include "sys/ioprio.h"

#include <linux/ioprio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const classes[] = {
	[IOPRIO_CLASS_NONE] = "IOPRIO_CLASS_NONE",
	[IOPRIO_CLASS_RT]   = "IOPRIO_CLASS_RT",
	[IOPRIO_CLASS_BE]   = "IOPRIO_CLASS_BE",
	[IOPRIO_CLASS_IDLE] = "IOPRIO_CLASS_IDLE",
};

int ioprio_parse(const char *class_name, int priority, int *ret_value, struct err *err)
{
	if (priority < 0 || priority > 7)
		return err_set(err, ERR_USAGE, ERANGE, "priority %d is not in 0..7", priority);
	for (int i = IOPRIO_CLASS_RT; i <= IOPRIO_CLASS_IDLE; i++)
		if (strcmp(classes[i], class_name) == 0) {
			*ret_value = i << IOPRIO_CLASS_SHIFT | priority;
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL, "unknown class '%.64s'", class_name);
}

int ioprio_set(int value)
{
	return syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, value) < 0 ? -errno : 0;
}
