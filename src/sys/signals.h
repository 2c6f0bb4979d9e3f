/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Signals: their names, and how a new program finds them. signal(7). */

#include "base/err.h"

#include <stddef.h>

#define SIGNALS_MAX 64

/* "KILL", "SIGKILL", "sigkill", "RTMIN+3", "RTMAX-1" or "9", 0 being allowed as in kill(2).
 * -EINVAL: there is no such signal. */
int signals_parse(const char *text);

/* "SIGKILL"; NULL for real-time signals and what is no signal. */
const char *signals_name(int number);

/*
 * Every signal to its default, ignored ones too (exec would keep them so), and none blocked.
 * Callable after fork. 0 or -errno.
 */
int signals_reset(void);

/*
 * Block the signals that a person or a manager sends, and read them from a descriptor instead (the
 * caller's; non-blocking, struct signalfd_siginfo): those that our own mistakes raise stay as they
 * are, and so do those of job control.
 */
int signals_open(int *ret_fd, struct err *err);
