/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which system calls a container may make by default: facts, read when tare is built, by make.c
 * alone. Calls are called by the names that libseccomp and the OCI specification have for them.
 */

#include "rt/seccomp_plan.h"

#include <linux/capability.h>

/* Who may: whoever has one of these capabilities, CAP_* as bits. */
#define EVERYONE UINT64_MAX
#define NOBODY	 UINT64_C(0)
#define CAP(name) (UINT64_C(1) << CAP_##name)

/* Cases of one call exclude each other, so their order means nothing. */
struct profile_case {
	struct seccomp_cond conds[2]; /* all hold */
	size_t n_conds;
	uint64_t who;
	int refusal; /* the errno that others get; 0: EPERM */
};

struct profile_group {
	const char *reason;
	const char *names; /* separated by blanks */
	uint64_t who;
	int refusal;
	const struct profile_case *cases; /* of the arguments; if none holds, `who` and `refusal` */
	size_t n_cases;
};

extern const struct profile_group profile_groups[];
extern const size_t profile_n_groups;

/* What is in no group answers ENOSYS, as from a kernel that does not have it yet. */
#define PROFILE_UNKNOWN ENOSYS
