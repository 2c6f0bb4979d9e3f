/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For net/network.h alone: what people left open of a new network is chosen. */

#include "net/network.h"
#include "net/subnet.h"

/*
 * Check `network`, and fill in its driver, its interface, its subnets (from `pools`) and their
 * gateways. Options get the names by which they are kept. Who calls holds the lock of the networks.
 * ERR_USAGE: it makes no sense. ERR_CONFLICT: what it asks for is taken, or nothing is left.
 */
int network_choose(int dir_fd, struct network *network, const struct subnet_pools *pools,
		   const struct network_host *host, struct arena *arena, struct err *err);
