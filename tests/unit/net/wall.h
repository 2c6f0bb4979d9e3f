/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the claims about net/firewall.h work with: a socket, networks and ports from text. */

#include "child.h"
#include "net/firewall.h"
#include "sh.h"

#define ID_A "aaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbb"

static struct nft nft = { .fd = -1 };
static struct err err;

static inline struct firewall_network network(const char *bridge, const char *net4,
					       const char *net6)
{
	struct firewall_network ret = { .bridge = bridge, .n_nets = 2 };

	(void)ip_net_parse(net4, &ret.nets[0], &err);
	(void)ip_net_parse(net6, &ret.nets[1], &err);
	return ret;
}

static inline bool is_done(int r)
{
	return r >= 0 ? true : (printf("# %s\n", err.msg), false);
}

static inline struct firewall_port port(uint8_t proto, const char *host_ip, uint16_t host_port,
				 const char *to, uint16_t to_port)
{
	struct firewall_port ret = { .proto = proto, .host_port = host_port, .to_port = to_port };

	if (host_ip)
		(void)ip_parse(host_ip, &ret.host_ip, &err);
	(void)ip_parse(to, &ret.to, &err);
	return ret;
}
