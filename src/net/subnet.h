/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which subnets are free for a new network, and what stands in the way of one that was asked for.
 * RFC 1918, RFC 4193. */

#include "base/err.h"
#include "base/ip.h"

#include <stddef.h>

/* A subnet in use, and by what, as an error says it: "network 'web'", "interface 'eth0'". */
struct subnet_use {
	struct ip_net net;
	const char *by; /* borrowed */
};

struct subnet_uses {
	const struct subnet_use *v;
	size_t n;
};

/* Subnets of `bits` bits, the first of which begins at `first` and the last one at `last`. */
struct subnet_pool {
	struct ip first, last;
	uint8_t bits;
};

struct subnet_pools {
	const struct subnet_pool *v;
	size_t n;
};

/*
 * Podman's default network is 10.88.0.0/16, and those that it makes begin at 10.89.0.0/24; while
 * nobody is on them nothing of them is to be seen. So these keep out of their way.
 */

/* 10.80.0.0/24, 10.80.1.0/24, ..., 10.86.255.0/24, and then 10.90.0.0/24 to 10.255.255.0/24. */
extern const struct subnet_pools subnet_pools_default;

/* Of the default network: 10.87.0.0/16, or else one of 172.17.0.0/16 to 172.31.0.0/16, or one of
 * 10.0.0.0/16 to 10.79.0.0/16. */
extern const struct subnet_pools subnet_pools_of_bridge;

/* The first of the pools that overlaps nothing in use. ERR_CONFLICT: there is none. */
int subnet_find_free(const struct subnet_pools *pools, const struct subnet_uses *uses,
		     struct ip_net *ret, struct err *err);

/* A random /64 of fd00::/8 that overlaps nothing in use. */
int subnet_find_free6(const struct subnet_uses *uses, struct ip_net *ret, struct err *err);

/* The first use that `wanted` overlaps, or NULL. */
const struct subnet_use *subnet_find_clash(const struct ip_net *wanted,
					   const struct subnet_uses *uses);

/* The same as an error: ERR_CONFLICT, "subnet '10.89.0.0/24' clashes with network 'web'
 * (10.89.0.0/16)". */
int subnet_check_clash(const struct ip_net *wanted, const struct subnet_uses *uses,
		       struct err *err);
