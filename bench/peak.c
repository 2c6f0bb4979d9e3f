/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches the memory of a cgroup's processes until it is told to end (SIGTERM), every 5 ms:
 *
 *	peak CGROUP
 *
 * Output: two peaks of resident memory in KiB, of all processes together and of the largest one.
 * Pages that several of them share are counted for each: all together is an upper bound.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_NS (5 * 1000 * 1000)

static volatile sig_atomic_t has_ended;

static void on_term(int signal)
{
	(void)signal;
	has_ended = 1;
}

/* Of a process that is gone: none. */
static long resident_kib(const char *pid)
{
	char path[64];
	long pages = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/statm", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%*s %ld", &pages) != 1)
		pages = 0;
	(void)fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

struct peak {
	long all_kib, largest_kib;
};

static void look(const char *path, struct peak *peak)
{
	FILE *list = fopen(path, "re");
	char pid[32];
	long all_kib = 0;

	if (!list) {
		perror(path);
		exit(1);
	}
	while (fscanf(list, "%31s", pid) == 1) {
		long kib = resident_kib(pid);

		all_kib += kib;
		if (kib > peak->largest_kib)
			peak->largest_kib = kib;
	}
	(void)fclose(list);
	if (all_kib > peak->all_kib)
		peak->all_kib = all_kib;
}

int main(int argc, char **argv)
{
	const struct timespec pause = { 0, PAUSE_NS };
	struct peak peak = {};
	char path[4096];

	if (argc != 2) {
		(void)fputs("usage: peak CGROUP\n", stderr);
		return 1;
	}
	(void)signal(SIGTERM, on_term);
	(void)snprintf(path, sizeof(path), "%s/cgroup.procs", argv[1]);
	while (!has_ended) {
		look(path, &peak);
		(void)nanosleep(&pause, NULL);
	}
	printf("%ld %ld\n", peak.all_kib, peak.largest_kib);
	return 0;
}
