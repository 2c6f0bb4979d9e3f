/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What /proc/PID/status says of a process: who it is, here and in the pid namespaces below, and
 * what it may do. proc(5). Reading and parsing are apart: the parser does no I/O.
 */

#include "base/err.h"
#include "sys/caps.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The kernel nests pid namespaces 32 deep below the first. */
#define PROCSTATUS_PIDS_MAX 33

struct procstatus_ids {
	uint32_t real, effective, saved, fs;
};

/* The numbers of one process: v[0] is the one in the namespace of the procfs that was read, v[n-1]
 * the one in its own. n is 0 where the kernel has no pid namespaces. */
struct procstatus_pids {
	pid_t v[PROCSTATUS_PIDS_MAX];
	unsigned n;
};

struct procstatus {
	char name[64]; /* any bytes but NUL: whoever runs it chooses them */
	char state;    /* the letter: 'R', 'S', 'Z' */
	pid_t tgid, pid, parent_pid; /* parent_pid 0: none that this procfs shows */
	struct procstatus_ids uid, gid;
	struct procstatus_pids ns_tgid, ns_pid;
	struct caps caps;
	bool no_new_privs;
	uint32_t seccomp; /* SECCOMP_MODE_* of linux/seccomp.h; 0: none */
};

/* Parse the whole text. -EINVAL, with the member's name: one that is missing, given twice or not of
 * its form. Members that are not asked for may be anything. */
int procstatus_parse(const char *text, struct procstatus *ret, struct err *err);

/* Of process `host_pid`, a zombie too; 0 is ourselves. -ESRCH, ERR_NOT_FOUND: there is none. */
int procstatus_read(int proc_fd, pid_t host_pid, struct procstatus *ret, struct err *err);
