/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw and back again. Who makes a terminal raw must restore it whatever happens, so the state is a
 * value that can be restored from anywhere and more than once.
 */
#include "sys/tty.h"

#include <sys/ioctl.h>

void tty_make_raw(struct tty *tty, int fd)
{
	struct termios raw;

	*tty = (struct tty){ .fd = fd };
	if (tcgetattr(fd, &tty->before) < 0)
		return;
	raw = tty->before;
	cfmakeraw(&raw);
	tty->is_raw = tcsetattr(fd, TCSANOW, &raw) == 0;
}

void tty_restore(struct tty *tty)
{
	if (tty->is_raw)
		(void)tcsetattr(tty->fd, TCSANOW, &tty->before);
	tty->is_raw = false;
}

void tty_copy_size(int from_fd, int to_fd)
{
	struct winsize size;

	if (ioctl(from_fd, TIOCGWINSZ, &size) == 0)
		(void)ioctl(to_fd, TIOCSWINSZ, &size);
}
