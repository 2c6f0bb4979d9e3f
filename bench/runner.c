/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures commands against each other. Each round runs every command once, in an order shuffled
 * anew: on cgroup v1, who attaches first after a pause pays for those behind it, so a fixed order
 * measures the order. The first round warms up, shows what the commands print to standard error,
 * and is not counted.
 *
 *	runner ROUNDS IDLE_MS <commands
 *
 * A line of the input is a name and, after blanks, a command with its full path; " ; " separates
 * the steps of one that has several. Output, a line for each in the order of the input:
 *
 *	name  median_us  p90_us  min_us  cpu_us  rss_kib
 *
 * Wall time ends with the last step. CPU time is user and system of all the processes that came
 * of it, those too that outlived their parents: this process is the subreaper, and waits for them
 * before the next command starts. RSS is the largest of any of them. Children are made with vfork
 * by a small static program, because the kernel counts a parent's memory to what it executes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	MAX_COMMANDS = 16,
	MAX_STEPS = 4,
	MAX_WORDS = 64,
	MAX_ROUNDS = 2000,
	STEP_LIMIT_S = 60,
};

struct command {
	char *name;
	char *words[MAX_STEPS][MAX_WORDS];
	int steps;
	uint32_t wall_us[MAX_ROUNDS], cpu_us[MAX_ROUNDS];
	long rss_kib;
};

static struct command commands[MAX_COMMANDS];
static int command_count;
static char input[32768];

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *fmt, ...)
{
	va_list ap;

	fputs("runner: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Takes a line apart, in place. */
static void command_parse(struct command *command, char *line)
{
	char *save = NULL, *word = strtok_r(line, " \t", &save);
	int n = 0;

	command->name = word;
	command->steps = 1;
	while ((word = strtok_r(NULL, " \t", &save))) {
		if (strcmp(word, ";") == 0) {
			if (command->steps == MAX_STEPS)
				die("%s: more than %d steps", command->name, MAX_STEPS);
			command->steps++;
			n = 0;
			continue;
		}
		if (n == MAX_WORDS - 1)
			die("%s: more than %d words", command->name, MAX_WORDS - 1);
		command->words[command->steps - 1][n++] = word;
	}
	if (!n)
		die("%s: no command", command->name);
}

static void commands_read(void)
{
	size_t n = fread(input, 1, sizeof(input) - 1, stdin);
	char *save = NULL, *line;

	if (n == sizeof(input) - 1)
		die("the list of commands is too long");
	for (line = strtok_r(input, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (command_count == MAX_COMMANDS)
			die("more than %d commands", MAX_COMMANDS);
		command_parse(&commands[command_count++], line);
	}
	if (!command_count)
		die("no commands");
}

/* What one command took so far. */
struct usage {
	uint64_t cpu_us;
	long rss_kib;
};

static void usage_add(struct usage *usage, const struct rusage *ru)
{
	usage->cpu_us += (uint64_t)(ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * 1000000 +
			 (uint64_t)(ru->ru_utime.tv_usec + ru->ru_stime.tv_usec);
	if (ru->ru_maxrss > usage->rss_kib)
		usage->rss_kib = ru->ru_maxrss;
}

/* Returns when `pid` has ended, or with -1 when nobody is left. */
static void wait_for(pid_t pid, const char *name, struct usage *usage)
{
	struct rusage ru;
	int status;
	pid_t ended;

	alarm(STEP_LIMIT_S);
	do {
		ended = wait4(-1, &status, __WALL, &ru);
		if (ended < 0 && errno == ECHILD && pid < 0)
			break;
		if (ended < 0)
			die("%s: wait: %s", name, strerror(errno));
		usage_add(usage, &ru);
	} while (ended != pid);
	alarm(0);
	if (pid > 0 && status != 0)
		die("%s: %s %d", name, WIFEXITED(status) ? "exit status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

static void step_run(char **words, const char *name, struct usage *usage)
{
	pid_t pid = vfork();

	if (pid < 0)
		die("vfork: %s", strerror(errno));
	if (pid == 0) {
		execv(words[0], words);
		_exit(127);
	}
	wait_for(pid, name, usage);
}

/* Runs all steps of a command. A `round` below 0 is not kept. */
static void command_run(struct command *command, int round)
{
	struct usage usage = {};
	uint64_t start_us = now_us(), wall_us;

	for (int step = 0; step < command->steps; step++)
		step_run(command->words[step], command->name, &usage);
	wall_us = now_us() - start_us;
	wait_for(-1, command->name, &usage);
	if (round < 0)
		return;
	command->wall_us[round] = (uint32_t)wall_us;
	command->cpu_us[round] = (uint32_t)usage.cpu_us;
	if (usage.rss_kib > command->rss_kib)
		command->rss_kib = usage.rss_kib;
}

static void shuffle(int *order, int n)
{
	for (int i = n - 1; i > 0; i--) {
		uint32_t random = 0;
		int other, swap;

		(void)!getrandom(&random, sizeof(random), 0);
		other = (int)(random % (uint32_t)(i + 1));
		swap = order[i];
		order[i] = order[other];
		order[other] = swap;
	}
}

static void round_run(int round, int idle_ms)
{
	struct timespec idle = { idle_ms / 1000, idle_ms % 1000 * 1000000L };
	int order[MAX_COMMANDS];

	for (int i = 0; i < command_count; i++)
		order[i] = i;
	shuffle(order, command_count);
	for (int i = 0; i < command_count; i++) {
		if (idle_ms)
			nanosleep(&idle, NULL);
		command_run(&commands[order[i]], round);
	}
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t percentile(const uint32_t *sorted, int n, int percent)
{
	return sorted[(n - 1) * percent / 100];
}

static void command_report(struct command *command, int rounds)
{
	qsort(command->wall_us, (size_t)rounds, sizeof(uint32_t), compare);
	qsort(command->cpu_us, (size_t)rounds, sizeof(uint32_t), compare);
	printf("%s\t%u\t%u\t%u\t%u\t%ld\n", command->name, percentile(command->wall_us, rounds, 50),
	       percentile(command->wall_us, rounds, 90), command->wall_us[0],
	       percentile(command->cpu_us, rounds, 50), command->rss_kib);
}

static void silence(int fd)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null_fd < 0 || dup2(null_fd, fd) < 0)
		die("open '/dev/null': %s", strerror(errno));
	close(null_fd);
}

int main(int argc, char **argv)
{
	int rounds = argc == 3 ? atoi(argv[1]) : 0, idle_ms = argc == 3 ? atoi(argv[2]) : 0;
	int out_fd, err_fd;

	if (rounds < 1 || rounds > MAX_ROUNDS)
		die("usage: runner ROUNDS IDLE_MS <commands; at most %d rounds", MAX_ROUNDS);
	commands_read();
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		die("become subreaper: %s", strerror(errno));

	out_fd = fcntl(1, F_DUPFD_CLOEXEC, 10);
	err_fd = fcntl(2, F_DUPFD_CLOEXEC, 10);
	silence(0);
	silence(1);
	round_run(-1, 0);
	silence(2);
	for (int round = 0; round < rounds; round++)
		round_run(round, idle_ms);
	dup2(out_fd, 1);
	dup2(err_fd, 2);
	for (int i = 0; i < command_count; i++)
		command_report(&commands[i], rounds);
	return 0;
}
