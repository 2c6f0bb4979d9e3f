/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The init of containers is tried as a program, with shells as its commands. The shells wait for
 * what they wait for by asking again, a bounded number of times.
 */
#include "child.h"
#include "tmpdir.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>

static char init_path[512];

/* "sh -c SCRIPT" behind our init; standard output is `out_fd` unless that is -1. */
static void exec_init(const char *script, int out_fd)
{
	if (out_fd >= 0)
		(void)dup2(out_fd, STDOUT_FILENO);
	(void)execl(init_path, init_path, "--", "sh", "-c", script, (char *)NULL);
	_exit(99);
}

static int wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int status_of(const char *script)
{
	pid_t pid = fork();

	if (pid == 0)
		exec_init(script, -1);
	return wait_for(pid);
}

/* Of the program itself with other words; what it says is thrown away. */
static int status_of_words(char *const *words)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		(void)execv(init_path, words);
		_exit(99);
	}
	return wait_for(pid);
}

#define STATUS(...) status_of_words((char **)(const char *[]){ "tare-init", __VA_ARGS__ })

static bool it_ends_as_its_command_does(void)
{
	return CHECK(status_of("exit 0") == 0) && CHECK(status_of("exit 7") == 7) &&
	       CHECK(status_of("exit 255") == 255) && CHECK(status_of("kill -KILL $$") == 137) &&
	       CHECK(status_of("kill -TERM $$") == 143);
}

static bool a_command_that_can_not_be_had_is_126_or_127(void)
{
	auto_tmpdir struct tmpdir dir = { .fd = -1 };
	char file[300];

	tmpdir_make(&dir);
	(void)snprintf(file, sizeof(file), "%s/plain", dir.path);
	return CHECK(tmpdir_put(dir.fd, "plain", "text")) &&
	       CHECK(STATUS("--", file, NULL) == 126) &&
	       CHECK(STATUS("--", "/nonexistent/x", NULL) == 127) &&
	       CHECK(STATUS("--", "no-such-command-anywhere", NULL) == 127) &&
	       CHECK(STATUS("--", "/", NULL) == 126);
}

static bool its_words_are_a_command_after_two_dashes_or_none(void)
{
	return CHECK(STATUS("--", "sh", "-c", "exit 3", NULL) == 3) &&
	       CHECK(STATUS("sh", "-c", "exit 4", NULL) == 4) && CHECK(STATUS(NULL) == 125) &&
	       CHECK(STATUS("--", NULL) == 125);
}

/* ------------------------------------------------------------------------------- signals */

/* Start the script and wait until it has written its first line. */
static pid_t start(const char *script, int *out_fd)
{
	int fds[2];
	char byte;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		exec_init(script, fds[1]);
	(void)close(fds[1]);
	*out_fd = fds[0];
	return read(fds[0], &byte, 1) == 1 ? pid : -1;
}

/* The shell is told of the signal between two commands. */
#define UNTIL_TRAPPED "; i=0; while [ $i -lt 3000000 ]; do i=$((i+1)); done; exit 1"

static int status_after(const char *script, int number)
{
	auto_close int out_fd = -1;
	pid_t pid = start(script, &out_fd);

	if (pid < 0)
		return -1;
	(void)kill(pid, number);
	return wait_for(pid);
}

static bool signals_are_passed_on(void)
{
	return CHECK(status_after("trap 'exit 42' TERM; echo" UNTIL_TRAPPED, SIGTERM) == 42) &&
	       CHECK(status_after("trap 'exit 43' HUP; echo" UNTIL_TRAPPED, SIGHUP) == 43) &&
	       CHECK(status_after("trap 'exit 44' USR1; echo" UNTIL_TRAPPED, SIGUSR1) == 44) &&
	       CHECK(status_after("trap 'exit 45' TSTP; echo" UNTIL_TRAPPED, SIGTSTP) == 45);
}

static bool a_signal_that_ends_the_command_ends_it(void)
{
	return CHECK(status_after("echo; exec cat /dev/zero >/dev/null", SIGTERM) == 143) &&
	       CHECK(status_after("echo; exec cat /dev/zero >/dev/null", SIGINT) == 130);
}

/* And ignored those that were before: who runs us in the background may ignore some. */
static bool the_command_finds_no_signal_blocked(void)
{
	char line[64] = "", grep[128];
	FILE *status = fopen("/proc/self/status", "re");

	while (status && fgets(line, sizeof(line), status) && strncmp(line, "SigIgn:", 7) != 0)
		;
	if (status)
		(void)fclose(status);
	line[strcspn(line, "\n")] = '\0';
	(void)snprintf(grep, sizeof(grep), "grep -q '^%s$' /proc/self/status", line);
	return CHECK(strncmp(line, "SigIgn:", 7) == 0) &&
	       CHECK(status_of("grep -q '^SigBlk:.0*$' /proc/self/status") == 0) &&
	       CHECK(status_of(grep) == 0);
}

/* ------------------------------------------------------------------------------- orphans */

/* A process that ends when its parent has, and so is not the outer shell's to wait for. */
#define ORPHAN                                                                             \
	"p=$(sh -c 'sh -c \"while kill -0 \\$0; do :; done\" $$ >/dev/null 2>&1 & echo $!');"  \
	"i=0; while [ -d /proc/$p ] && [ $i -lt 300000 ]; do i=$((i+1)); done; [ ! -d /proc/$p ]"

static bool orphans_are_reaped(void)
{
	return CHECK(status_of(ORPHAN) == 0);
}

/* Also where it is not pid 1, as with --pid host. */
static bool orphans_come_to_it(void)
{
	return CHECK(status_of("p=$(sh -c 'tail -f /dev/null >/dev/null 2>&1 & echo $!'); "
			       "grep -q \"^PPid:.$PPID\\$\" /proc/$p/status; r=$?; "
			       "kill $p; exit $r") == 0);
}

/* As pid 1, with a procfs that shows its own namespace. */
static bool pid_1_reaps_and_passes_on(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
			_exit(98);
		pid = fork();
		if (pid == 0) {
			if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
			    mount("proc", "/proc", "proc", 0, NULL) < 0)
				_exit(97);
			exec_init("[ $PPID = 1 ] || exit 5; " ORPHAN, -1);
		}
		_exit(wait_for(pid));
	}
	return CHECK(wait_for(pid) == 0);
}

/* ------------------------------------------------------------------------------- terminal */

static bool the_command_is_in_the_terminals_foreground(void)
{
	static const char script[] = "read -r pid name state parent group session tty front rest "
				     "</proc/self/stat; [ $group = $front ] && [ $group = $pid ]";
	auto_close int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	pid_t pid;

	if (!CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0))
		return false;
	pid = fork();
	if (pid == 0) {
		int tty = open(ptsname(master), O_RDWR | O_NOCTTY);

		if (setsid() < 0 || ioctl(tty, TIOCSCTTY, 0) < 0)
			_exit(98);
		(void)dup2(tty, STDIN_FILENO);
		exec_init(script, tty);
	}
	return CHECK(wait_for(pid) == 0);
}

int main(void)
{
	const char *dir = getenv("TARE_LIBEXEC");

	/* Who runs us in the background may ignore some, and that would be handed on. */
	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	(void)snprintf(init_path, sizeof(init_path), "%s/tare-init", dir ? dir : "build/src");
	TEST(it_ends_as_its_command_does);
	TEST(a_command_that_can_not_be_had_is_126_or_127);
	TEST(its_words_are_a_command_after_two_dashes_or_none);
	TEST(signals_are_passed_on);
	TEST(a_signal_that_ends_the_command_ends_it);
	TEST(the_command_finds_no_signal_blocked);
	TEST(orphans_are_reaped);
	TEST(orphans_come_to_it);
	if (geteuid() == 0)
		TEST(pid_1_reaps_and_passes_on);
	else
		SKIP(pid_1_reaps_and_passes_on, "may not make a pid namespace");
	TEST(the_command_is_in_the_terminals_foreground);
	return tap_done();
}
