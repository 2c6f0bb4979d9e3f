/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What create, run, rt_life and exec do alike around the process that they start. */

#include "rt/birth.h"

/* Are descriptors 3 to 3+n-1 open? To be asked before any of ours can take their place. */
int run_check_preserved(unsigned n, struct err *err);

/* Write the pid, atomically and without a newline, as callers expect it. */
int run_write_pid_file(const char *path, pid_t host_pid, struct err *err);

/* 0..255, or 128 + the signal. */
int run_exit_status(int wait_status);

/* The birth, and what callers wait for: the terminal, the pid file. `is_attended`: we stay, and
 * can hold the terminal. On failure nothing is left. */
int run_create(struct birth *b, bool waits_on_socket, bool is_attended, struct err *err);

/* Say GO, with the hooks around it, and hear that a service is ready. On failure nothing is
 * left. */
int run_start(struct birth *b, struct err *err);

/* It ended by itself: remove what was made for it, and kill what it left behind in its cgroup. */
int run_remove(struct birth *b, struct err *err);
