/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What /proc/PID/stat says of a process: what it used, and since when it is there. proc(5). What
 * /proc/PID/status says as well is sys/procstatus.h's. Reading and parsing are apart.
 */

#include <stdint.h>
#include <sys/types.h>

struct procstat {
	char name[64];      /* any bytes but NUL: whoever runs it chooses them */
	char state;
	pid_t pid, parent_pid, group, session;
	int32_t tty;        /* its device number; 0: none */
	uint64_t user_ticks, system_ticks; /* of the processor, so far */
	int64_t nice;
	uint64_t start_ticks; /* since boot */
	uint64_t vsize_bytes, rss_pages;
};

/* Parse the whole line. -EINVAL: it is not of that form. */
int procstat_parse(const char *line, struct procstat *ret);

/* Of the process whose directory that is (proc_open_pid). -ESRCH: it is gone. */
int procstat_read_at(int pid_dir_fd, struct procstat *ret);

/* How many ticks a second has, and how many have passed since boot. */
uint64_t procstat_ticks_per_s(void);
uint64_t procstat_now_ticks(void);
