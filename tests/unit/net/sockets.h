/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Addresses of sockets from text, and waiting for what comes. */

#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>

struct addr {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_storage storage;
	};
	socklen_t len;
};

static inline struct addr addr(const char *ip, uint16_t port)
{
	struct addr ret = { .len = sizeof(ret.v4) };

	if (inet_pton(AF_INET, ip, &ret.v4.sin_addr) == 1) {
		ret.v4.sin_family = AF_INET;
		ret.v4.sin_port = htons(port);
	} else {
		(void)inet_pton(AF_INET6, ip, &ret.v6.sin6_addr);
		ret.v6.sin6_family = AF_INET6;
		ret.v6.sin6_port = htons(port);
		ret.len = sizeof(ret.v6);
	}
	return ret;
}

static inline bool is_ready(int fd, short events)
{
	struct pollfd pollfd = { fd, events, 0 };

	return poll(&pollfd, 1, 400) == 1 && !(pollfd.revents & POLLERR);
}
