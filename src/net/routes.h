/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where the machine can go already: a new network must not take the same subnet. */

#include "base/cleanup.h"
#include "base/ip.h"
#include "sys/netlink.h"

#include <net/if.h>
#include <stddef.h>

struct host_subnet {
	struct ip_net net;
	char ifname[IF_NAMESIZE]; /* "": of no interface (a blackhole, several ways), or it went */
};

struct host_subnets {
	struct host_subnet *v;
	size_t n;
};

void host_subnets_done(struct host_subnets *subnets);
#define auto_host_subnets auto_cleanup(host_subnets_done)

/*
 * The routes of the main table, IPv4 and IPv6, and the subnets of the interfaces' addresses, of the
 * namespace where `nl` was opened. Left out: the default routes, those to single local addresses,
 * to groups and to broadcast addresses, and what belongs to one link alone (127.0.0.0/8, ::1,
 * fe80::/10). A subnet that has an address and a route stands there twice.
 */
int host_subnets_load(struct netlink *nl, struct host_subnets *ret, struct err *err);
