/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The host's procfs, opened once and verified, before anything foreign is in sight. What is written
 * to or read from /proc goes through this descriptor and never through a path that a container
 * could have mounted over or linked elsewhere. It also serves the child: "self" is whoever asks.
 * proc(5).
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Open /proc, refusing anything that isn't the root of a procfs. The caller owns *ret_fd. */
int proc_open(int *ret_fd, struct err *err);

/* Write `value` to `path` below it ("self/oom_score_adj"), following no links but "self".
 * Callable after fork. 0 or -errno. */
int proc_write(int proc_fd, const char *path, const char *value);

/* When process `host_pid` started, in clock ticks since boot: with the pid, its identity.
 * -ESRCH: there is none, or it is a zombie. */
int proc_start_time(int proc_fd, pid_t host_pid, uint64_t *ret_ticks);

/* A pidfd of process `host_pid`, the caller's, or -errno; -ESRCH: there is none, be it that its
 * number lives on as that of its process group, for which older kernels say EINVAL. */
int proc_open_pidfd(pid_t host_pid);

/*
 * The identity of the process behind `pidfd`, to be kept beside its pid. Since Linux 6.9 that is
 * the inode of the pidfd, which the kernel gives to one process only; before, when it started. One
 * kernel always gives the same of the two. -ESRCH as above.
 */
int proc_identity(int proc_fd, int pidfd, pid_t host_pid, uint64_t *ret_identity);

/* Do pidfds have inodes of their own here, and is this one's its process's alone? */
bool proc_pidfd_has_inode(int pidfd);

/* Which time it is that this machine has booted, a text that no other boot has. 0 or -errno. */
#define PROC_BOOT_ID_BYTES 37
int proc_boot_id(int proc_fd, char ret[PROC_BOOT_ID_BYTES]);

/* Append `file` of process `host_pid` (0: ourselves), of at most `max_bytes`: one of those that
 * every process has. -ESRCH, ERR_NOT_FOUND: there is no such process, or only a zombie is left of
 * it, which has no such file any more. */
int proc_read(int proc_fd, pid_t host_pid, const char *file, size_t max_bytes, struct buf *ret,
	      struct err *err);

/* All processes that there are now, in ascending order, in `arena`. Some may have ended since. */
int proc_pids(int proc_fd, struct arena *arena, pid_t **ret_pids, size_t *ret_n, struct err *err);

/*
 * The directory of process or thread `host_pid` (0: ourselves), O_PATH: a handle on it and no
 * other. What is opened below it fails with -ESRCH once the process is gone, even if its number
 * was given to another. The caller owns *ret_fd. 0 or -errno; -ESRCH: there is none.
 */
int proc_open_pid(int proc_fd, pid_t host_pid, int *ret_fd);

/* Append `file` of that process, of at most `max_bytes`. 0 or -errno. */
int proc_read_at(int pid_dir_fd, const char *file, size_t max_bytes, struct buf *ret);

/* proc_start_time of that process. */
int proc_start_time_at(int pid_dir_fd, uint64_t *ret_ticks);
