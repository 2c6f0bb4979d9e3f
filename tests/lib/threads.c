/* SPDX-License-Identifier: Apache-2.0 */
/*
 * threads: a process with a second thread, which has a uts namespace of its own. Prints that
 * thread's id, and stays.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

static void *second(void *unused)
{
	(void)unused;
	if (unshare(CLONE_NEWUTS) < 0)
		return NULL;
	printf("%d\n", (int)gettid());
	(void)fflush(stdout);
	(void)pause();
	return NULL;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, second, NULL) != 0)
		return 1;
	(void)pthread_join(thread, NULL);
	return 1;
}
