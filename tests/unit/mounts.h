/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Claims about mounts are tried in a child with a mount namespace of its own, from which nothing
 * gets out: TEST_MOUNTS(claim). Where we may not make one, the claim is skipped.
 */

#include "child.h"

#include <sched.h>
#include <sys/mount.h>

static inline bool mounts_unshare(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

#define TEST_MOUNTS(claim)                                                      \
	do {                                                                    \
		if (in_child(mounts_unshare))                                   \
			tap_result(mounts_in_child(claim), #claim);             \
		else                                                            \
			SKIP(claim, "may not make a mount namespace");          \
	} while (0)

static inline bool mounts_in_child(bool (*claim)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		bool ok = CHECK(mounts_unshare()) && claim();

		fflush(stdout);
		_exit(ok ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}
