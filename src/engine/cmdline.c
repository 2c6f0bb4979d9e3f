/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader shares our descriptors, so a request is the number of one. The answer is a byte that
 * says whether there is something, and the text. A wait for somebody's memory ends with SIGKILL if
 * with nothing else, so giving a reader up leaves at worst a zombie until we end ourselves.
 */
#include "engine/cmdline.h"

#include "sys/clone.h"
#include "sys/proc.h"

#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEXT_MAX    4096
#define PATIENCE_MS 333
#define STALLS_MAX  3

enum { ANSWER_NONE, ANSWER_TEXT };

/* ------------------------------------------------------------------------------- the reader */

static void answer(int sock_fd, int pid_dir_fd)
{
	auto_buf struct buf text = {}, out = {};
	int r = proc_read_at(pid_dir_fd, "cmdline", TEXT_MAX, &text);

	buf_add(&out, &(char){ r == 0 || r == -EFBIG ? ANSWER_TEXT : ANSWER_NONE }, 1);
	if (text.len)
		buf_add(&out, text.data, text.len < TEXT_MAX ? text.len : TEXT_MAX);
	(void)send(sock_fd, out.data, out.len, MSG_NOSIGNAL);
}

_Noreturn static void serve(int sock_fd)
{
	int pid_dir_fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	while (recv(sock_fd, &pid_dir_fd, sizeof(pid_dir_fd), 0) == sizeof(pid_dir_fd))
		answer(sock_fd, pid_dir_fd);
	_exit(0);
}

/* ------------------------------------------------------------------------------- our side */

static int start(struct cmdline *cmdline)
{
	const struct clone_request request = { .flags = CLONE_FILES, .cgroup_fd = -1 };
	auto_close int pidfd = -1, ours = -1;
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	ours = fds[0];
	pid = clone_process(&request, &pidfd);
	if (pid == 0)
		serve(fds[1]);
	if (pid < 0) {
		(void)close(fds[1]);
		return pid;
	}
	cmdline->reader = pid;
	cmdline->their_fd = fds[1];
	cmdline->sock_fd = take_fd(&ours);
	return 0;
}

static void end(struct cmdline *cmdline, bool is_stalled)
{
	if (cmdline->reader == 0)
		return;
	(void)kill(cmdline->reader, SIGKILL);
	if (!is_stalled)
		(void)clone_wait(cmdline->reader);
	closep(&cmdline->sock_fd);
	closep(&cmdline->their_fd);
	cmdline->reader = 0;
	cmdline->sock_fd = cmdline->their_fd = -1;
}

static void add_words(const char *text, size_t len, struct buf *ret)
{
	while (len > 0 && text[len - 1] == '\0')
		len--;
	for (size_t i = 0; i < len; i++)
		buf_add(ret, text[i] ? &text[i] : " ", 1);
}

/* Wait for the answer: its length, or -errno. */
static ssize_t receive(const struct cmdline *cmdline, char *text, size_t cap)
{
	struct pollfd poll_fd = { .fd = cmdline->sock_fd, .events = POLLIN };
	ssize_t n;
	int r;

	do
		r = poll(&poll_fd, 1, PATIENCE_MS);
	while (r < 0 && errno == EINTR);
	if (r <= 0)
		return r < 0 ? -errno : -ETIMEDOUT;
	n = recv(cmdline->sock_fd, text, cap, 0);
	return n < 0 ? -errno : n == 0 ? -EPIPE : n;
}

int cmdline_read(struct cmdline *cmdline, int pid_dir_fd, struct buf *ret)
{
	char text[1 + TEXT_MAX];
	ssize_t n = 0;

	if (cmdline->n_stalls >= STALLS_MAX)
		return -ETIMEDOUT;
	if (cmdline->reader == 0)
		n = start(cmdline);
	if (n < 0)
		return (int)n;
	if (send(cmdline->sock_fd, &pid_dir_fd, sizeof(pid_dir_fd), MSG_NOSIGNAL) < 0)
		return -errno;
	n = receive(cmdline, text, sizeof(text));
	if (n < 0) {
		cmdline->n_stalls++;
		end(cmdline, true);
		return (int)n;
	}
	if (text[0] != ANSWER_TEXT)
		return -ESRCH;
	add_words(text + 1, (size_t)n - 1, ret);
	return 0;
}

void cmdline_done(struct cmdline *cmdline)
{
	end(cmdline, false);
}
