/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Device rules, checked and put into an order of which the last that speaks of an access decides.
 */

#include "base/arena.h"
#include "oci/spec.h"

#include <linux/bpf.h>

/* Bits of dev_rule.access are BPF_DEVCG_ACC_*. */
#define DEV_ACCESS_ALL (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)

struct dev_rule {
	bool allow;
	char type; /* 'b' or 'c' */
	int32_t major, minor; /* -1: any */
	unsigned access;
};

struct dev_rules {
	bool allow_rest; /* what no rule speaks of */
	struct dev_rule *v;
	size_t n;
};

/*
 * The rules of `res` (NULL: none), in `arena`. Before them everything is denied. A rule for all
 * devices and accesses makes those before it void. ERR_USAGE names the rule that makes no sense.
 */
int dev_rules_parse(const struct oci_resources *res, struct arena *arena, struct dev_rules *ret,
		    struct err *err);

/* Add the runtime's own: nodes may be made, and null, zero, full, random, urandom, tty, console,
 * ptmx and pts be used. There must be room: dev_rules_parse leaves it. */
void cg_devices_defaults(struct dev_rules *rules);

/*
 * The rules as v1 can hold them: exceptions from allow_rest, none of which overlaps a later one
 * that says otherwise. ERR_USAGE: they need that, since they deny a part of what they allow.
 */
int dev_rules_flatten(struct dev_rules *rules, struct err *err);

/* Write flattened rules to a v1 group: all of them to a new one, the differences to a live one. */
int dev_rules_set_v1(int dir_fd, const struct dev_rules *rules, struct err *err);
int dev_rules_change_v1(int dir_fd, const struct dev_rules *rules, struct arena *arena,
			struct err *err);

/* The rules as a program for v2, in `arena`. */
size_t dev_rules_compile(const struct dev_rules *rules, struct arena *arena,
			 struct bpf_insn **ret_insns);
