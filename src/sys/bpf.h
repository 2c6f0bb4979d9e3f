/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * BPF programs that decide on device access in a v2 cgroup. bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE.
 * Return values are negative errnos without words: -EPERM without the right to use bpf(2).
 */

#include "base/err.h"

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

/* Load a program. The caller owns *ret_prog_fd; what is attached outlives it. */
int bpf_device_load(const struct bpf_insn *insns, size_t n, int *ret_prog_fd);

/*
 * Attach `prog_fd` to the group itself, instead of what was attached so before: one program is
 * replaced at once, several are detached after. There is no moment without rules. Others' programs
 * stay in force there and in groups above: what any of them denies is denied.
 */
int bpf_device_attach(int cgroup_fd, int prog_fd);

/* The ids of the programs attached to the group itself, at most `cap`. Returns how many. */
int bpf_device_query(int cgroup_fd, uint32_t *ret_ids, size_t cap);
