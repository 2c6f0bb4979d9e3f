/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A question from one network namespace and its answer from another. */

#include "base/cleanup.h"
#include "net/sockets.h"
#include "tap.h"

#include <sched.h>

static int host; /* the namespace in which we are between two questions */

static inline int open_socket(int ns, int family, int type)
{
	const int on = 1;
	int fd = setns(ns, CLONE_NEWNET) < 0 ? -1 : socket(family, type | SOCK_NONBLOCK, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setns(host, CLONE_NEWNET);
	return fd;
}

static char seen[INET6_ADDRSTRLEN]; /* who asked, as the server saw it */

static inline void see(const struct addr *from)
{
	(void)inet_ntop(from->any.sa_family,
			from->any.sa_family == AF_INET ? (const void *)&from->v4.sin_addr
						       : &from->v6.sin6_addr,
			seen, sizeof(seen));
}

struct way {
	int from, to, type; /* namespaces; SOCK_* */
	const char *server; /* where it listens, port 9000 */
	const char *target; /* what is asked */
	uint16_t port;
};

static inline bool echo(int client, int server, int type)
{
	struct addr from = { .len = sizeof(from.storage) };
	char text[8];

	if (type == SOCK_STREAM) {
		auto_close int fd = -1;

		if (!is_ready(server, POLLIN) || (fd = accept(server, &from.any, &from.len)) < 0)
			return false;
		see(&from);
		return is_ready(client, POLLOUT) && send(client, "hello", 5, 0) == 5 &&
		       is_ready(fd, POLLIN) && recv(fd, text, 8, 0) == 5 &&
		       send(fd, "yes", 3, 0) == 3 && is_ready(client, POLLIN) &&
		       recv(client, text, 8, 0) == 3;
	}
	if (send(client, "hello", 5, 0) != 5 || !is_ready(server, POLLIN) ||
	    recvfrom(server, text, 8, 0, &from.any, &from.len) != 5)
		return false;
	see(&from);
	return sendto(server, "yes", 3, 0, &from.any, from.len) == 3 && is_ready(client, POLLIN) &&
	       recv(client, text, 8, 0) == 3;
}

#define TCP	  SOCK_STREAM
#define UDP	  SOCK_DGRAM
#define TALK(...) talk((struct way){ __VA_ARGS__ })

/* Is a question answered? */
static inline bool talk(struct way way)
{
	const struct addr here = addr(way.server, 9000), there = addr(way.target, way.port);
	auto_close int server = open_socket(way.to, here.any.sa_family, way.type);
	auto_close int client = open_socket(way.from, there.any.sa_family, way.type);

	seen[0] = '\0';
	if (!CHECK(server >= 0) || !CHECK(client >= 0) ||
	    !CHECK(bind(server, &here.any, here.len) == 0))
		return false;
	if (way.type == SOCK_STREAM && !CHECK(listen(server, 4) == 0))
		return false;
	if (connect(client, &there.any, there.len) < 0 && errno != EINPROGRESS)
		return false;
	return echo(client, server, way.type);
}

/* Bridges and IPv6 take a moment until they carry anything. */
static inline bool wait_for(struct way way)
{
	for (int i = 0; i < 50; i++)
		if (talk(way))
			return true;
	return false;
}
