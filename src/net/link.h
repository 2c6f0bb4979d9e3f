/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Network interfaces as the kernel tells of them, one request each. rtnetlink(7). */

#include "base/err.h"
#include "net/mac.h"
#include "sys/netlink.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct link {
	int index; /* > 0 */
	int master; /* index of the bridge that it is a port of; 0: none */
	int parent; /* of a VLAN or macvlan, and the other end of a veth pair; 0: none */
	int parent_netns; /* the number that namespace has in this one; -1: it is in this one */
	uint32_t mtu;
	uint32_t n_ports; /* only link_count_ports fills it */
	uint16_t vlan; /* of a bridge: what its ports get; 0: it tells no VLANs apart */
	bool is_up;
	bool has_carrier; /* something is plugged in that is up */
	char name[IF_NAMESIZE];
	char kind[16]; /* "bridge", "veth"; "": hardware, or "lo" */
	struct mac mac;
};

/* A name that nobody has, most likely: `prefix`, of four letters, and eight random digits. */
int link_make_name(const char *prefix, char ret[static IF_NAMESIZE], struct err *err);

/* One message of an answer. false: it tells of no interface. */
bool link_parse(const struct nlmsghdr *answer, struct link *ret);

/* By name or by index. 1: there is none such. */
int link_find(struct netlink *nl, const char *name, struct link *ret, struct err *err);
int link_find_index(struct netlink *nl, int index, struct link *ret, struct err *err);

/* How many ports the bridge has. */
int link_count_ports(struct netlink *nl, int bridge, uint32_t *ret, struct err *err);

/* Remove it, and its other end, if it is of that kind. 0 also if there is none. ERR_CONFLICT: it
 * is of another kind, and left alone. */
int link_remove(struct netlink *nl, const char *name, const char *kind, struct err *err);
