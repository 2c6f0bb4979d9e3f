/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keeps the program's own executable out of a container's reach: an image can name /proc/self/exe
 * as its interpreter, or look at /proc/PID/exe of a process that enters it, and so reach the file
 * that the host's root will execute next time.
 *
 * docs/decisions/0002-own-executable.md
 */

#include <stdbool.h>

/* Whether this kernel lets a process exchange its executable. */
bool selfexe_is_supported(void);

/*
 * Our executable, opened through a read-only mount that belongs to no namespace. `exe_path` is what
 * /proc/self/exe was; NULL: we are still in the mount namespace that we were started in, or in a
 * copy of it. Returns a descriptor (close-on-exec, the caller's) or -errno. Callable after fork.
 */
int selfexe_open(const char *exe_path);

/*
 * From now on `exe_fd` (of selfexe_open) is what /proc/PID/exe of this process names. It must be
 * single-threaded, and its heap can't shrink below today's. Callable after fork. 0 or -errno.
 */
int selfexe_adopt(int exe_fd);

/* Whether our user may write our executable. */
bool selfexe_is_writable(void);

/* Where we were started from, into `buf`. 0 or -errno. */
int selfexe_path(char *buf, unsigned long size);

/*
 * Where selfexe_adopt is not supported: execute ourselves again, from such a mount, unless that was
 * done already. Returns 0 when there is nothing to do, or -errno.
 */
int selfexe_execute_again(char *const argv[]);
