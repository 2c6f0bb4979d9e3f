/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a process becomes, for a container's first and for exec alike: config.md, "Process". */

#include "rt/plan.h"
#include "rt/seccomp.h"

struct plan_process {
	const struct oci_process *process;
	const struct oci_linux *linux_;            /* personality, memoryPolicy */
	const struct seccomp_program *seccomp;     /* NULL: none */
	const char *keyring;                       /* NULL: stay in the caller's */
	int proc_fd;
	unsigned preserve_fds;
	bool is_exec;
	bool has_user_ns;                          /* made or joined */
	bool may_keep_groups;                      /* a user namespace may deny setgroups(2) */
	char *const *more_env;                     /* NULL, or strings put behind process.env */
	char *home;                                /* "HOME=...", or NULL */
};

/* For exec, before the cgroups are joined: process.execCPUAffinity.initial. */
int plan_process_first_affinity(struct plan *plan, const struct oci_process *process,
				struct err *err);

/* Its descriptors 0, 1 and 2 are these three; NULL: they stay as they are. */
void plan_process_stdio(struct plan *plan, const int *stdio_fds);

/* process.oomScoreAdj of a child, by its parent. */
int plan_process_set_oom_score(const struct oci_process *process, int proc_fd, pid_t host_pid,
			       struct err *err);

/* All up to READY; then what comes after GO. */
int plan_process_begin(struct plan *plan, const struct plan_process *p, struct err *err);
void plan_process_end(struct plan *plan, const struct plan_process *p);
