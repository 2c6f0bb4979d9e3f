/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attending a process: one poll loop over its pidfd, our signals, and the two directions of its
 * terminal. Signals are blocked and read from a descriptor, so nothing happens between two lines.
 */
#include "rt/terminal.h"

#include "base/cleanup.h"
#include "base/stream.h"
#include "sys/signals.h"
#include "sys/sock.h"
#include "sys/tty.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

int terminal_send(const char *console_socket, int master_fd, struct err *err)
{
	auto_close int sock_fd = -1;
	char name[64] = "/dev/ptmx";
	int r = sock_connect(console_socket, SOCK_STREAM, &sock_fd, err);

	if (r < 0)
		return err_wrap(err, "console socket '%s'", console_socket);
	r = sock_send(sock_fd, name, strlen(name), master_fd);
	return r < 0 ? err_sys(err, -r, "send the terminal to '%s'", console_socket) : 0;
}

struct attend {
	int pidfd, signal_fd, master_fd;
	struct tty tty;
	struct stream in, out;
};

void terminal_take_size(int master_fd)
{
	tty_copy_size(STDIN_FILENO, master_fd);
}

static void pass_signal(struct attend *a)
{
	struct signalfd_siginfo info;

	while (read(a->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH && a->master_fd >= 0)
			terminal_take_size(a->master_fd);
		else
			(void)syscall(SYS_pidfd_send_signal, a->pidfd, (int)info.ssi_signo, NULL,
				      0);
	}
}

static int attend_loop(struct attend *a, struct err *err)
{
	for (;;) {
		struct pollfd fds[4] = {
			{ .fd = a->pidfd, .events = POLLIN },
			{ .fd = a->signal_fd, .events = POLLIN },
			stream_poll(&a->in),
			stream_poll(&a->out),
		};

		if (poll(fds, 4, -1) < 0 && errno != EINTR)
			return err_sys(err, errno, "wait for the container");
		if (fds[1].revents)
			pass_signal(a);
		stream_step(&a->in, &fds[2]);
		stream_step(&a->out, &fds[3]);
		if (fds[0].revents) {
			stream_drain(&a->out);
			return 0;
		}
	}
}

int terminal_attend(int pidfd, int master_fd, struct err *err)
{
	struct attend a = {
		.pidfd = pidfd,
		.signal_fd = -1,
		.master_fd = master_fd,
		.tty = TTY_NONE,
	};
	int r = signals_open(&a.signal_fd, err);

	if (r < 0)
		return r;
	stream_init(&a.in, master_fd < 0 ? -1 : STDIN_FILENO, master_fd);
	stream_init(&a.out, master_fd, STDOUT_FILENO);
	/* Who reads our output may be gone; the terminal still has to be restored. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (master_fd >= 0)
		tty_make_raw(&a.tty, STDIN_FILENO);
	r = attend_loop(&a, err);
	tty_restore(&a.tty);
	(void)close(a.signal_fd);
	return r;
}
