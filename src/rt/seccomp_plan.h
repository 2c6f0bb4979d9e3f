/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a profile becomes a program, in four rooms:
 *
 *	rt/seccomp        words to numbers        struct oci_seccomp   -> struct seccomp_rules
 *	rt/seccomp_table  names to syscalls       struct seccomp_rules -> struct seccomp_table
 *	rt/seccomp_names  a name's number
 *	rt/seccomp_bpf    syscalls to code        struct seccomp_table -> struct sock_filter
 *
 * Everything lives in the arena of the compilation, and points at each other freely.
 */

#include "base/arena.h"
#include "base/err.h"
#include "oci/types.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum seccomp_op { CMP_NE, CMP_LT, CMP_LE, CMP_EQ, CMP_GE, CMP_GT, CMP_MASKED_EQ };

struct seccomp_cond {
	unsigned index;
	enum seccomp_op op;
	uint64_t value, mask; /* mask: of CMP_MASKED_EQ only */
};

/* If all conditions hold then `action`. */
struct seccomp_case {
	const struct seccomp_cond *conds;
	size_t n_conds;
	uint32_t action; /* SECCOMP_RET_* with its data */
};

struct seccomp_rule {
	const struct oci_strings *names;
	uint32_t action;
	const struct seccomp_case *cases; /* none: the rule has no conditions */
	size_t n_cases;
};

/* Calls of x32 are x86_64's with this bit. */
#define SECCOMP_X32_BIT 0x40000000

/* More than libseccomp knows. */
#define SECCOMP_MAX_ARCHES 32

struct seccomp_rules {
	uint32_t default_action;
	bool new_is_enosys;		     /* newer than what the profile names: ENOSYS */
	uint32_t x32_action;		     /* of x32's calls, if it is not in `arches` */
	uint32_t arches[SECCOMP_MAX_ARCHES]; /* SCMP_ARCH_*, this machine's first */
	size_t n_arches;
	struct seccomp_rule *v;
	size_t n;
};

/* What a syscall leads to: the first case that holds, or else `action`. */
struct seccomp_verdict {
	uint32_t action;
	bool is_32bit; /* only the low halves of arguments count */
	const struct seccomp_case *cases;
	size_t n_cases;
};

/* Syscall numbers from `first` up to the next span's share a verdict. */
struct seccomp_span {
	uint32_t first;
	struct seccomp_verdict verdict;
};

/* An AUDIT_ARCH_*. spans[0].first is 0; they ascend, and neighbours differ in their verdict. */
struct seccomp_table {
	uint32_t audit_arch;
	struct seccomp_span *spans;
	size_t n_spans;
};

/* What libseccomp does with calls of an architecture that is not in the filter. */
#define SECCOMP_BAD_ARCH SECCOMP_RET_KILL_THREAD

/* The syscall's number on `arch` (SCMP_ARCH_*), or what libseccomp says of one that it has not:
 * below 0. */
int seccomp_number(uint32_t arch, const char *name);

void seccomp_make_tables(const struct seccomp_rules *rules, struct arena *arena,
			 struct seccomp_table **ret_tables, size_t *ret_n);

bool seccomp_verdict_equal(const struct seccomp_verdict *a, const struct seccomp_verdict *b);

/* Tables are tried in their order. -E2BIG: more than BPF_MAXINSNS instructions. */
int seccomp_generate(const struct seccomp_table *tables, size_t n_tables, struct arena *arena,
		     struct sock_fprog *ret_prog, struct err *err);
