/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An interface of the container that hangs directly on one of the host's, without a bridge: macvlan
 * with a MAC of its own, ipvlan with that of its parent. It vanishes with the container's network
 * namespace. ip-link(8), rtnetlink(7).
 */

#include "base/err.h"
#include "base/ip.h"
#include "net/inside.h"
#include "net/mac.h"
#include "sys/netlink.h"

#include <stddef.h>
#include <stdint.h>

enum macvlan_variant {
	MACVLAN_BRIDGE, MACVLAN_PRIVATE, MACVLAN_VEPA, MACVLAN_PASSTHRU,
	IPVLAN_L2, IPVLAN_L3, IPVLAN_L3S, MACVLAN_VARIANT_MAX_
};

/* `driver` is "macvlan" or "ipvlan"; `text` what its option "mode" says, "" for the usual one.
 * ERR_USAGE. */
int macvlan_mode_parse(const char *driver, const char *text, enum macvlan_variant *ret,
		       struct err *err);

struct macvlan {
	const char *parent; /* "eth0"; "eth0.10", the VLAN 10 of eth0, is made if there is none */
	enum macvlan_variant mode;
	struct mac mac; /* none, and always with ipvlan: the kernel's */
	uint32_t mtu;   /* 0: that of the parent */
	struct inside inside;
};

/*
 * As veth_attach. A VLAN that was made stays, for others may use it by then. A parent that is down
 * stays down: the interface comes to life with it.
 *
 * ERR_CONFLICT: the container has an interface of that name. ERR_NOT_FOUND: there is no such
 * parent. EOPNOTSUPP: the kernel lacks the driver.
 */
int macvlan_attach(struct netlink *host, int netns_fd, struct netlink *inside,
		   const struct macvlan *macvlan, struct err *err);
