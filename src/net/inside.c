/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request for the interface's index, a file or two that say whether IPv6 is wanted, and one
 * batch: up, addresses, routes. The order is the kernel's demand: a route needs an interface that
 * is up and an address by which its router is in reach.
 */
#include "net/inside.h"

#include "net/address.h"
#include "net/ip6.h"
#include "net/link.h"

#include <stdbool.h>
#include <string.h>

#define N_FAMILIES 2

static bool has_ip6(const struct inside *inside)
{
	for (int i = 0; i < N_FAMILIES; i++)
		if (inside->addresses[i].ip.family == AF_INET6)
			return true;
	return false;
}

static void add_up(struct netlink_batch *batch, int index)
{
	const struct ifinfomsg info = { .ifi_index = index,
					.ifi_flags = IFF_UP,
					.ifi_change = IFF_UP };
	struct netlink_msg msg;

	netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info));
	netlink_batch_add(batch, &msg, "bring it up");
}

/* A router may lie outside of our networks (with an address of 32 bits it always does): then it is
 * on the link because we say so. */
static bool is_in_reach(const struct inside *inside, const struct ip *via)
{
	const struct ip_net link_local = { .ip = { AF_INET6, { 0xfe, 0x80 } }, .bits = 10 };

	for (int i = 0; i < N_FAMILIES; i++)
		if (ip_net_has(&inside->addresses[i], via))
			return true;
	return ip_net_has(&link_local, via);
}

/* A router of the other family is named with its family: IPv4 knows such, IPv6 refuses it. */
static void put_router(struct netlink_msg *msg, const struct ip *to, const struct ip *via)
{
	struct {
		__kernel_sa_family_t family;
		uint8_t bytes[16];
	} named = { .family = via->family };

	if (via->family == to->family) {
		netlink_msg_put(msg, RTA_GATEWAY, via->bytes, ip_len(via));
		return;
	}
	memcpy(named.bytes, via->bytes, ip_len(via));
	netlink_msg_put(msg, RTA_VIA, &named, sizeof(named.family) + ip_len(via));
}

static void add_route(struct netlink_batch *batch, const struct inside *inside, int index,
		      const struct inside_route *route)
{
	bool has_via = ip_is_set(&route->via);
	const struct ip to = ip_net_first(&route->to);
	const struct rtmsg head = {
		.rtm_family = to.family,
		.rtm_dst_len = route->to.bits,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = has_via || to.family == AF_INET6 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
		.rtm_flags = has_via && !is_in_reach(inside, &route->via) ? RTNH_F_ONLINK : 0,
	};
	struct netlink_msg msg;
	char text[IP_NET_BYTES], via[IP_BYTES];

	netlink_msg_init(&msg, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	if (route->to.bits)
		netlink_msg_put(&msg, RTA_DST, to.bytes, ip_len(&to));
	if (has_via)
		put_router(&msg, &to, &route->via);
	netlink_msg_put_u32(&msg, RTA_OIF, (uint32_t)index);
	if (route->metric)
		netlink_msg_put_u32(&msg, RTA_PRIORITY, route->metric);
	netlink_batch_add(batch, &msg, "add route to '%s' via '%s'",
			  ip_net_format(&route->to, text), ip_format(&route->via, via));
}

static void add_all(struct netlink_batch *batch, const struct inside *inside, int index)
{
	add_up(batch, index);
	for (int i = 0; i < N_FAMILIES; i++)
		if (ip_is_set(&inside->addresses[i].ip))
			address_add(batch, index, &inside->addresses[i]);
	for (int i = 0; i < N_FAMILIES; i++) {
		const struct ip *gateway = &inside->gateways[i];
		const struct inside_route route = { .to.ip.family = gateway->family,
						  .via = *gateway,
						  .metric = inside->metric };

		if (ip_is_set(gateway))
			add_route(batch, inside, index, &route);
	}
	for (size_t i = 0; i < inside->n_routes; i++)
		add_route(batch, inside, index, &inside->routes[i]);
}

int inside_settle(struct netlink *nl, int netns_fd, const struct inside *inside, struct err *err)
{
	auto_netlink_batch struct netlink_batch batch = {};
	struct link link;
	int r = link_find(nl, inside->name, &link, err);

	if (r == 1)
		return err_set(err, ERR_NOT_FOUND, ENODEV, "no interface '%s' in the container",
			       inside->name);
	if (r == 0)
		r = ip6_set_in(netns_fd, inside->name, has_ip6(inside), err);
	if (r < 0)
		return r;
	add_all(&batch, inside, link.index);
	return netlink_batch_send(nl, &batch, err);
}
