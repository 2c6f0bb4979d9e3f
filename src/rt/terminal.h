/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The outside end of a container's terminal: handed to whoever listens on the console socket, or
 * joined to our own standard input and output while we wait for the container to end.
 */

#include "base/err.h"

#include <sys/types.h>

/* Send the master to `console_socket` with its name as the message, as runc does. */
int terminal_send(const char *console_socket, int master_fd, struct err *err);

/* Give the terminal the size of ours, if we have one: before the program in it can ask. */
void terminal_take_size(int master_fd);

/*
 * Wait until the process behind `pidfd` ends. Signals that we get go to it; its terminal, if
 * `master_fd` >= 0, is joined to our standard input and output, in raw mode if that is a terminal,
 * restored in the end whatever happens. The child's wait status is left for the caller to fetch.
 */
int terminal_attend(int pidfd, int master_fd, struct err *err);
