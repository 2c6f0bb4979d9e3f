/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What `top` can tell of a process, by podman's words for it: "pid", "%C". Whatever comes from the
 * process itself is made printable.
 */

#include "base/arena.h"
#include "base/err.h"
#include "sys/procstat.h"
#include "sys/procstatus.h"
#include "sys/userdb.h"

#include <stdbool.h>

/* What holds for all processes of a container. */
struct top {
	struct arena *arena;
	int proc_fd;
	uint64_t now_ticks, ticks_per_s;
	struct userdb host, inside; /* whose names users have */
};

struct top_process {
	pid_t host_pid;
	int dir_fd; /* its directory in /proc */
	struct procstat stat;
	struct procstatus status;
};

struct top_column;

/*
 * The columns that words like "pid,user" and "%C" ask for, in an array in `arena`; without words
 * docker's, of `ps -ef`. Returns 1 where one is none of them: they are options of ps(1).
 */
int top_columns_parse(char *const *words, struct arena *arena, const struct top_column ***ret,
		      size_t *ret_n);

/* The users of the host, and those of the container that `host_pid` is in. */
void top_load_users(struct top *top, pid_t host_pid);

/* -ESRCH (no words): it is gone. */
int top_process_read(const struct top *top, pid_t host_pid, struct top_process *ret);

const char *top_column_head(const struct top_column *column);
const char *top_column_text(const struct top_column *column, const struct top *top,
			    const struct top_process *process);
