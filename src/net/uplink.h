/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The interface by which the host reaches the internet. rtnetlink(7), RTM_GETROUTE. */

#include "base/err.h"
#include "sys/netlink.h"

#include <net/if.h>
#include <stdint.h>

struct uplink {
	int index;
	char name[IF_NAMESIZE];
	uint32_t mtu;
	uint8_t family; /* AF_INET, or AF_INET6 if that is its only way */
};

/* 1: it has none. */
int uplink_find(struct netlink *nl, struct uplink *ret, struct err *err);
