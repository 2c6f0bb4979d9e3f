/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two dumps of rtnetlink(7): routes, then addresses; and one of links for their names. The
 * addresses say what a route may not: one whose interface is down has no route yet.
 */
#include "net/routes.h"

#include "base/buf.h"
#include "net/address.h"
#include "net/link.h"

#include <string.h>

struct found {
	struct buf subnets; /* an array of struct host_subnet */
	struct buf links;   /* of the interface that each is of, its index; 0: of none */
};

static void found_done(struct found *found)
{
	buf_done(&found->subnets);
	buf_done(&found->links);
}

void host_subnets_done(struct host_subnets *subnets)
{
	free(subnets->v);
	*subnets = (struct host_subnets){};
}

/* 127.0.0.0/8, ::1, fe80::/10 and groups: every machine has them, and no network can. */
static bool is_of_link_alone(const struct ip *ip)
{
	if (ip->family == AF_INET)
		return ip->bytes[0] == 127 || (ip->bytes[0] & 0xf0) == 224;
	return memcmp(ip->bytes, &in6addr_loopback, sizeof(ip->bytes)) == 0 ||
	       ip->bytes[0] == 0xff ||
	       (ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80);
}

static void add(struct found *found, const struct ip_net *net, int link)
{
	const struct host_subnet subnet = { .net = { ip_net_first(net), net->bits } };

	if (is_of_link_alone(&net->ip))
		return;
	buf_add(&found->subnets, &subnet, sizeof(subnet));
	buf_add(&found->links, &link, sizeof(link));
}

static void on_route(const struct nlmsghdr *answer, void *arg)
{
	const struct rtmsg *route = NLMSG_DATA(answer);
	const size_t body = sizeof(*route);
	struct ip_net net = {};
	uint32_t table;

	if (answer->nlmsg_type != RTM_NEWROUTE || answer->nlmsg_len < NLMSG_LENGTH(body))
		return;
	net.bits = route->rtm_dst_len;
	table = netlink_find_u32(answer, body, RTA_TABLE, route->rtm_table);
	if (table != RT_TABLE_MAIN || net.bits == 0 ||
	    route->rtm_type == RTN_LOCAL || route->rtm_type == RTN_BROADCAST ||
	    route->rtm_type == RTN_ANYCAST || route->rtm_type == RTN_MULTICAST ||
	    route->rtm_flags & RTM_F_CLONED ||
	    !address_read(netlink_find_attr(answer, body, RTA_DST, 4), route->rtm_family,
			  &net.ip) ||
	    net.bits > 8 * ip_len(&net.ip))
		return;
	add(arg, &net, (int)netlink_find_u32(answer, body, RTA_OIF, 0));
}

/* Of one with a peer, IFA_ADDRESS is the peer's, and the network is on its side. */
static void on_address(const struct nlmsghdr *answer, void *arg)
{
	const struct ifaddrmsg *address = NLMSG_DATA(answer);
	const size_t body = sizeof(*address);
	struct ip_net net = {};
	struct ip local;

	if (answer->nlmsg_type != RTM_NEWADDR || answer->nlmsg_len < NLMSG_LENGTH(body))
		return;
	net.bits = address->ifa_prefixlen;
	if (address_read(netlink_find_attr(answer, body, IFA_ADDRESS, 4), address->ifa_family,
			 &net.ip) &&
	    net.bits <= 8 * ip_len(&net.ip))
		add(arg, &net, (int)address->ifa_index);
	if (address_read(netlink_find_attr(answer, body, IFA_LOCAL, 4), address->ifa_family,
			 &local) &&
	    ip_compare(&local, &net.ip) != 0) {
		net = (struct ip_net){ local, (uint8_t)(8 * ip_len(&local)) };
		add(arg, &net, (int)address->ifa_index);
	}
}

static size_t count(const struct found *found)
{
	return found->links.len / sizeof(int);
}

static void on_link(const struct nlmsghdr *answer, void *arg)
{
	struct found *found = arg;
	struct host_subnet *subnets = (void *)found->subnets.data;
	const int *links = (const void *)found->links.data;
	struct link link;

	if (!link_parse(answer, &link))
		return;
	for (size_t i = 0; i < count(found); i++)
		if (links[i] == link.index)
			memcpy(subnets[i].ifname, link.name, sizeof(subnets[i].ifname));
}

int host_subnets_load(struct netlink *nl, struct host_subnets *ret, struct err *err)
{
	auto_cleanup(found_done) struct found found = {};
	int r = netlink_dump(nl, RTM_GETROUTE, on_route, &found, err);

	if (r == 0)
		r = netlink_dump(nl, RTM_GETADDR, on_address, &found, err);
	if (r == 0 && count(&found))
		r = netlink_dump(nl, RTM_GETLINK, on_link, &found, err);
	if (r < 0)
		return err_wrap(err, "read the machine's routes");
	*ret = (struct host_subnets){ (void *)take_ptr(found.subnets.data), count(&found) };
	return 0;
}
