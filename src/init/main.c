/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-init [--] COMMAND [ARG]...: the first process of a container that was made with --init. The
 * kernel gives pid 1 no default actions for signals and leaves orphans to it, which few programs
 * expect. So this one runs the command as its child, passes on what signals it gets, reaps whatever
 * dies, and ends with the command's exit status; 128+n when signal n ended it.
 *
 * All signals are blocked and taken one after the other, so there is no handler and no race. The
 * command gets a process group of its own, in the foreground of the terminal if there is one: keys
 * that send signals reach it directly. One such process stays for the life of each container, so it
 * is linked with the smallest of C libraries and asks little of that.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS_OURS = 125, STATUS_NOT_EXECUTABLE, STATUS_NO_COMMAND, STATUS_SIGNAL };

static void tell(const char *what, const char *command, const char *why)
{
	const char *const parts[] = { "tare-init: ", what, command, why, "\n" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (write(STDERR_FILENO, parts[i], strlen(parts[i])) < 0)
			return;
}

/* Those that a fault of our own raises can't be waited for. */
static void block_signals(sigset_t *waited, sigset_t *before)
{
	static const int faults[] = {
		SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS,
	};

	sigfillset(waited);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(waited, faults[i]);
	sigprocmask(SIG_SETMASK, waited, before);
}

/* No terminal, or one of another session, is no error. SIGTTOU would stop us, but is blocked. */
static void take_terminal(void)
{
	if (setpgid(0, 0) == 0)
		(void)tcsetpgrp(STDIN_FILENO, getpid());
}

static _Noreturn void run(char **command, const sigset_t *mask)
{
	take_terminal();
	sigprocmask(SIG_SETMASK, mask, NULL);
	(void)execvp(command[0], command);
	if (errno == ENOENT) {
		tell("there is no '", command[0], "'");
		_exit(STATUS_NO_COMMAND);
	}
	tell("can't execute '", command[0], "'");
	_exit(STATUS_NOT_EXECUTABLE);
}

/* Everything that is dead is reaped; true when the command was among it. */
static int reap(pid_t command, int *ret_status)
{
	int status, is_over = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == command) {
			*ret_status = WIFEXITED(status) ? WEXITSTATUS(status)
							: STATUS_SIGNAL + WTERMSIG(status);
			is_over = 1;
		}
	return is_over;
}

static int attend(pid_t command, const sigset_t *waited)
{
	int status = STATUS_OURS;

	for (;;) {
		int number = sigwaitinfo(waited, NULL);

		if (number == SIGCHLD && reap(command, &status))
			return status;
		if (number > 0 && number != SIGCHLD)
			(void)kill(command, number);
	}
}

int main(int argc, char **argv)
{
	char **command = argv + 1;
	sigset_t waited, before;
	pid_t pid;

	if (argc > 1 && strcmp(*command, "--") == 0)
		command++;
	if (argc < 2 || !*command) {
		tell("COMMAND is missing", "", "");
		return STATUS_OURS;
	}
	/* Who shares the host's pids is not pid 1, and wants the orphans of its own. */
	if (getpid() != 1)
		(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	block_signals(&waited, &before);
	pid = fork();
	if (pid == 0)
		run(command, &before);
	if (pid < 0) {
		tell("can't fork for '", *command, "'");
		return STATUS_OURS;
	}
	return attend(pid, &waited);
}
