/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cmdline.h"

#include "child.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>

static int proc_fd = -1;

/*
 * A shell that waits, with this word after its own: the words of a process are whole once it has
 * written something, and not before.
 */
struct shell {
	pid_t pid;
	int in_fd, dir_fd;
};

static bool shell_start(struct shell *shell, char *word)
{
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char[]){ "echo; read x" }, word,
			 NULL };
	int out[2], in[2];
	char byte;
	bool ok;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(in, O_CLOEXEC) < 0)
		return CHECK(false);
	shell->pid = fork();
	if (shell->pid == 0) {
		(void)dup2(out[1], STDOUT_FILENO);
		(void)dup2(in[0], STDIN_FILENO);
		execv("/bin/sh", argv);
		_exit(127);
	}
	(void)close(out[1]);
	(void)close(in[0]);
	shell->in_fd = in[1];
	ok = CHECK(read(out[0], &byte, 1) == 1) &&
	     CHECK(proc_open_pid(proc_fd, shell->pid, &shell->dir_fd) == 0);
	(void)close(out[0]);
	return ok;
}

static bool shell_end(const struct shell *shell)
{
	(void)close(shell->in_fd);
	(void)close(shell->dir_fd);
	return CHECK(waitpid(shell->pid, NULL, 0) == shell->pid);
}

static bool words_have_blanks_between_them(void)
{
	auto_cmdline struct cmdline cmdline = CMDLINE_NONE;
	auto_buf struct buf text = {};
	struct shell shell;
	char word[] = "b c";
	bool ok = shell_start(&shell, word);

	for (int i = 0; ok && i < 2; i++) {
		text.len = 0;
		ok = CHECK(cmdline_read(&cmdline, shell.dir_fd, &text) == 0) &&
		     CHECK_STR(buf_str(&text), "sh -c echo; read x b c");
	}
	return shell_end(&shell) && ok;
}

static bool long_ones_are_cut(void)
{
	auto_cmdline struct cmdline cmdline = CMDLINE_NONE;
	auto_buf struct buf text = {};
	static char word[20000];
	struct shell shell;
	bool ok;

	memset(word, 'w', sizeof(word) - 1);
	ok = shell_start(&shell, word) &&
	     CHECK(cmdline_read(&cmdline, shell.dir_fd, &text) == 0) && CHECK(text.len == 4096) &&
	     CHECK(strncmp(buf_str(&text), "sh -c echo; read x www", 22) == 0);
	return shell_end(&shell) && ok;
}

static bool of_the_dead_there_are_none(void)
{
	auto_cmdline struct cmdline cmdline = CMDLINE_NONE;
	auto_close int dir_fd = -1;
	auto_buf struct buf text = {};
	pid_t pid = fork();

	if (pid == 0) {
		(void)pause();
		_exit(0);
	}
	return CHECK(proc_open_pid(proc_fd, pid, &dir_fd) == 0) && CHECK(kill(pid, SIGKILL) == 0) &&
	       CHECK(waitpid(pid, NULL, 0) == pid) &&
	       CHECK(cmdline_read(&cmdline, dir_fd, &text) < 0) && CHECK(text.len == 0) &&
	       CHECK(cmdline.n_stalls == 0);
}

/* A reader that is stopped is what one that waits for a stranger looks like from here. */
static bool a_reader_that_stalls_is_given_up(void)
{
	auto_cmdline struct cmdline cmdline = CMDLINE_NONE;
	auto_close int dir_fd = -1;
	auto_buf struct buf text = {};
	bool ok = CHECK(proc_open_pid(proc_fd, 0, &dir_fd) == 0) &&
		  CHECK(cmdline_read(&cmdline, dir_fd, &text) == 0);
	pid_t reader = cmdline.reader;

	ok = ok && CHECK(kill(reader, SIGSTOP) == 0) &&
	     CHECK(cmdline_read(&cmdline, dir_fd, &text) == -ETIMEDOUT) &&
	     CHECK(waitpid(reader, NULL, 0) == reader);
	return ok && CHECK(cmdline_read(&cmdline, dir_fd, &text) == 0) &&
	       CHECK(cmdline.reader != reader);
}

static bool after_three_nobody_is_asked(void)
{
	auto_cmdline struct cmdline cmdline = CMDLINE_NONE;
	auto_close int dir_fd = -1;
	auto_buf struct buf text = {};

	if (!CHECK(proc_open_pid(proc_fd, 0, &dir_fd) == 0))
		return false;
	for (int i = 0; i < 3; i++)
		if (!CHECK(cmdline_read(&cmdline, dir_fd, &text) == 0) ||
		    !CHECK(kill(cmdline.reader, SIGSTOP) == 0) ||
		    !CHECK(cmdline_read(&cmdline, dir_fd, &text) == -ETIMEDOUT))
			return false;
	return CHECK(cmdline_read(&cmdline, dir_fd, &text) == -ETIMEDOUT) &&
	       CHECK(cmdline.reader == 0);
}

static bool no_reader_is_left_behind(void)
{
	struct cmdline cmdline = CMDLINE_NONE;
	auto_close int dir_fd = -1;
	auto_buf struct buf text = {};

	if (!CHECK(proc_open_pid(proc_fd, 0, &dir_fd) == 0) ||
	    !CHECK(cmdline_read(&cmdline, dir_fd, &text) == 0))
		return false;
	cmdline_done(&cmdline);
	return CHECK(waitpid(-1, NULL, WNOHANG) == -1) && CHECK(errno == ECHILD);
}

int main(void)
{
	struct err err = {};

	if (proc_open(&proc_fd, &err) < 0) {
		printf("1..0 # SKIP %s\n", err.msg);
		return 0;
	}
	TEST(words_have_blanks_between_them);
	TEST(long_ones_are_cut);
	TEST(of_the_dead_there_are_none);
	TEST_IN_CHILD(a_reader_that_stalls_is_given_up);
	TEST_IN_CHILD(after_three_nobody_is_asked);
	TEST_IN_CHILD(no_reader_is_left_behind);
	return tap_done();
}
