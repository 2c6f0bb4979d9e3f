/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Network namespaces of a claim's own, which vanish with the child that makes it; ip(8) is the
 * witness of what is in them. */

#include "base/cleanup.h"
#include "base/ip.h"
#include "child.h"
#include "sh.h"
#include "sys/netlink.h"

#include <fcntl.h>
#include <sched.h>

static inline bool new_namespace(int *ret_fd)
{
	return CHECK(unshare(CLONE_NEWNET) == 0) &&
	       CHECK((*ret_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) >= 0);
}

/* Run it in that namespace. */
static inline bool sh_in(int ns_fd, const char *command)
{
	pid_t pid;
	int status = -1;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(setns(ns_fd, CLONE_NEWNET) == 0 && sh(command) ? (fflush(stdout), 0)
								     : (fflush(stdout), 1));
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static inline struct ip_net net_of(const char *text)
{
	struct ip_net net = {};
	struct err ignored;

	(void)ip_net_parse(text, &net, &ignored);
	return net;
}

static inline struct ip ip_of(const char *text)
{
	struct ip ip = {};
	struct err ignored;

	(void)ip_parse(text, &ip, &ignored);
	return ip;
}

static inline bool is_possible(void)
{
	return geteuid() == 0 && system("ip link show lo >/dev/null 2>&1") == 0;
}
