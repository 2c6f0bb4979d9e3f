/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What an interface needs in a container once it is there, whatever its kind. rtnetlink(7). */

#include "base/err.h"
#include "base/ip.h"
#include "sys/netlink.h"

#include <stddef.h>
#include <stdint.h>

struct inside_route {
	struct ip_net to;
	struct ip via; /* family 0: it is reached without a router */
	uint32_t metric; /* 0: the kernel's */
};

/* `name` and `routes` are borrowed. */
struct inside {
	const char *name; /* "eth0" */
	struct ip_net addresses[2]; /* one of IPv4, one of IPv6; family 0: none */
	struct ip gateways[2]; /* of default routes; family 0: none */
	const struct inside_route *routes;
	size_t n_routes;
	uint32_t metric; /* of the default routes; 0: the kernel's */
};

/*
 * Bring the interface up in the network namespace `netns_fd`, where `nl` was opened, with its
 * addresses and routes. Without an IPv6 address IPv6 is off on it; with one, advertisements of
 * routers are not believed. The calling process must be single-threaded: it goes there for a
 * moment.
 */
int inside_settle(struct netlink *nl, int netns_fd, const struct inside *inside, struct err *err);
