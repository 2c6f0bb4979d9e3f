/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Command lines of strangers. They lie in the process's own memory, and whoever owns it decides how
 * long a look at it takes: a page of a file system in user space comes when its server pleases. So
 * they are read by a child of ours, which is given up when it does not come back.
 */

#include "base/buf.h"

#include <sys/types.h>

struct cmdline {
	pid_t reader; /* 0: none yet */
	int sock_fd, their_fd; /* both ends: the descriptors are shared */
	unsigned n_stalls;
};

#define CMDLINE_NONE { .sock_fd = -1, .their_fd = -1 }

/*
 * Append the command line of the process of a directory in /proc (proc_open_pid): its words with
 * blanks between them, nothing for who has none, the first 4 KiB. 0 or -errno; -ETIMEDOUT: it took
 * longer than a third of a second, or had done so for three others before. The calling process must
 * be single-threaded.
 */
int cmdline_read(struct cmdline *cmdline, int pid_dir_fd, struct buf *ret);

void cmdline_done(struct cmdline *cmdline);
#define auto_cmdline auto_cleanup(cmdline_done)
