/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A person's terminal, while a container's is shown on it. termios(3), ioctl_tty(2). */

#include <stdbool.h>
#include <termios.h>

struct tty {
	int fd;
	bool is_raw;
	struct termios before;
};

#define TTY_NONE { .fd = -1 }

/* Make the terminal raw: keys go to the container as they are typed. What is no terminal is left
 * alone. `fd` is borrowed. */
void tty_make_raw(struct tty *tty, int fd);

/* As it was before; callable again. */
void tty_restore(struct tty *tty);

/* Give the terminal `to_fd` the size of `from_fd`, if that is one. */
void tty_copy_size(int from_fd, int to_fd);
