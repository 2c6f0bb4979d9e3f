/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The label that the next program gets from a security module: process.apparmorProfile and
 * process.selinuxLabel. `proc_fd` is the trusted procfs of sys/proc.h. proc_pid_attr(5).
 */

#include "base/err.h"

#include <stdbool.h>

enum lsm { LSM_APPARMOR, LSM_SELINUX };

/* Does this kernel run it? */
bool lsm_is_active(int proc_fd, enum lsm lsm);

/* Can `label` be asked for here? ERR_USAGE (-ENOTSUP): this kernel runs no such module; -EINVAL: no
 * label. */
int lsm_check(int proc_fd, enum lsm lsm, const char *label, struct err *err);

/*
 * The label to take at the next exec. Callable after fork, in the container's namespaces too.
 * 0 or -errno: -ENOENT, AppArmor has no such profile; -EINVAL, SELinux knows no such context.
 */
int lsm_set_exec(int proc_fd, enum lsm lsm, const char *label);
