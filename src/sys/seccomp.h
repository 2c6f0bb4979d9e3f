/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * seccomp(2): handing a filter program to the kernel, and what this kernel understands. What is in
 * the program is the business of rt/seccomp.
 */

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/*
 * Put the calling process under `insns`; it can't be undone. Callable after fork: one system call,
 * no allocation. Needs no_new_privs or CAP_SYS_ADMIN in the user namespace.
 *
 * Returns 0, or with SECCOMP_FILTER_FLAG_NEW_LISTENER the listener's descriptor (>= 0, O_CLOEXEC,
 * the caller's); -errno on failure. -EACCES: neither no_new_privs nor the capability. -EBUSY: a
 * listener exists already. -EINVAL: the kernel knows not all flags, or the program is malformed.
 */
int seccomp_filter_load(const struct sock_filter *insns, unsigned short n, unsigned flags);

/* Does this kernel know SECCOMP_RET_* `action` (without data), SECCOMP_FILTER_FLAG_* `flag`? */
bool seccomp_has_action(uint32_t action);
bool seccomp_has_flag(unsigned flag);
