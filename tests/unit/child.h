/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Claims that change the process that makes them are tried in a child of their own, by
 * TEST_IN_CHILD(claim) instead of TEST(claim).
 */

#include "tap.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEST_IN_CHILD(claim) tap_result(in_child(claim), #claim)

/* fork(2) for what serves a claim: the child ends with its parent, be that over already. */
static inline pid_t fork_servant(void)
{
	const pid_t parent = getpid();
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	return 0;
}

static inline bool in_child(bool (*claim)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		bool ok = claim();

		fflush(stdout);
		_exit(ok ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}
