/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a network has in the kernel while it is in use: its bridge, and its place in the rules of
 * the packet filter. It is made when the first container starts on it, found whole by all others,
 * and goes with the network. Of macvlan and ipvlan there is nothing: their interfaces are the
 * containers' own.
 */

#include "engine/network.h"
#include "sys/netlink.h"
#include "sys/nft.h"

/* Where networks are, and the network namespace that their devices are in: both sockets were
 * opened there, and the calling process is in it. All is borrowed. */
struct network_place {
	int networks_fd;
	struct netlink *nl;
	struct nft *nft;
	bool respects_input_policy; /* a host that drops input guards its published ports too */
};

/*
 * See to it that it stands: its rules, and then its bridge, so that no bridge is up without rules.
 * Where it stands that is two questions, and a batch that changes nothing. Several may do it at the
 * same time.
 *
 * *ret_mtu: what its interfaces send at most, on both ends: what it says, or of a bridge as much as
 * the machine's way out takes. 0: it says nothing and there is no such way, or it is the parent's.
 *
 * 1: the rules were gone, and those of all networks have been made again; ports of containers that
 * run are to be published again. ERR_CONFLICT: an interface of that name is no bridge.
 */
int network_device_ensure(const struct network_place *place, const struct network *network,
			  uint32_t *ret_mtu, struct err *err);

/* The same, and put right what else somebody changed. */
int network_device_repair(const struct network_place *place, const struct network *network,
			  uint32_t *ret_mtu, struct err *err);

/* Take it away, with its rules. 0 also if there is none. Waits some milliseconds. */
int network_device_remove(const struct network_place *place, const struct network *network,
			  struct err *err);
