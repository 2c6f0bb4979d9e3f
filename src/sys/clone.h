/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A child process with namespaces, cgroup and pidfd in one call. clone3(2). */

#include <stdint.h>
#include <sys/types.h>

struct clone_request {
	uint64_t flags;  /* CLONE_NEW*, CLONE_PARENT; CLONE_PIDFD is added */
	int cgroup_fd;   /* CLONE_INTO_CGROUP when >= 0 */
};

/*
 * Like fork(2): 0 in the child; in the parent the child's pid, and its pidfd (the caller's, close-
 * on-exec) in *ret_pidfd; or -errno. The calling process must be single-threaded: the child's C
 * library takes it for granted.
 */
pid_t clone_process(const struct clone_request *request, int *ret_pidfd);

/* Wait for the child and return its wait status, or -errno. */
int clone_wait(pid_t host_pid);
