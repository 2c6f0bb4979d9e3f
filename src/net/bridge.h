/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The bridge of a network: the interface of the host that the containers' ends are ports of, and
 * that has their gateway's addresses. rtnetlink(7), bridge(8).
 *
 * `route_localnet` is on, so that ports published on 127.0.0.1 can be led to containers. Whoever
 * makes the rules of the packet filter must refuse what comes from the bridge for 127.0.0.0/8.
 */

#include "base/err.h"
#include "base/ip.h"
#include "net/mac.h"
#include "sys/netlink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bridge {
	const char *name;
	struct mac mac; /* none: that of the first address */
	uint32_t mtu;   /* 0: the kernel's */
	uint16_t vlan;  /* of its ports, inside untagged; 0: none, and it tells no VLANs apart */
	struct ip_net addresses[4]; /* the gateway's, with the networks' bits */
	size_t n_addresses;
	bool has_ip6; /* false: IPv6 is off on it */
};

struct bridge_state {
	int index;
	struct mac mac;
	uint32_t mtu;
	uint32_t n_ports;
	bool is_up;
};

/*
 * See to it that it stands. 1: it was made; 0: it stood already, which is found out by one request.
 * What can be seen by that (it is down, its MTU or VLAN is another) is put right as by
 * bridge_repair. Several may do it at the same time. The network namespace of `nl` must be that of
 * the calling process, whose /proc/sys/net is written when it is made.
 *
 * ERR_CONFLICT: an interface of that name is no bridge. ERR_USAGE: a name that is none, IPv6 or a
 * VLAN on a kernel without them.
 */
int bridge_ensure(struct netlink *nl, const struct bridge *bridge, struct err *err);

/* The same, and put right all that differs: MAC, MTU, addresses, the host's forwarding. Addresses
 * of other networks, which somebody else gave it, stay. 1: something was made or changed that
 * netlink tells of. */
int bridge_repair(struct netlink *nl, const struct bridge *bridge, struct err *err);

/* 0 also if there is none. ERR_CONFLICT: it is no bridge, and left alone. */
int bridge_remove(struct netlink *nl, const char *name, struct err *err);

/* 1: there is none. ERR_CONFLICT: it is no bridge. */
int bridge_find(struct netlink *nl, const char *name, struct bridge_state *ret, struct err *err);
