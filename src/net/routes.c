/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two dumps of rtnetlink(7): routes, then addresses; and one of links for their names. The
 * addresses say what a route may not: one whose interface is down has no route yet.
 */
#include "net/routes.h"

#include <stdio.h>
#include <string.h>

struct found {
	struct host_subnet *v;
	int *links; /* v[i] is of the interface with this index; 0: of none */
	size_t n, cap;
	bool no_memory;
};

static void found_done(struct found *found)
{
	free(found->v);
	free(found->links);
}

void host_subnets_done(struct host_subnets *subnets)
{
	free(subnets->v);
	*subnets = (struct host_subnets){};
}

static bool found_grow(struct found *found)
{
	size_t cap = found->cap ? 2 * found->cap : 64;
	struct host_subnet *v = reallocarray(found->v, cap, sizeof(*v));
	int *links;

	if (!v)
		return false;
	found->v = v;
	links = reallocarray(found->links, cap, sizeof(*links));
	if (!links)
		return false;
	found->links = links;
	found->cap = cap;
	return true;
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
	if (is_of_link_alone(&net->ip))
		return;
	if (found->n == found->cap && !found_grow(found)) {
		found->no_memory = true;
		return;
	}
	found->v[found->n] = (struct host_subnet){ .net = { ip_net_first(net), net->bits } };
	found->links[found->n++] = link;
}

/* The address in an attribute of an answer, if it has one of that family. */
static bool read_ip(const struct nlmsghdr *answer, size_t body_len, uint16_t attr, struct ip *ip)
{
	unsigned len = ip_len(ip);
	const struct rtattr *a = len ? netlink_find_attr(answer, body_len, attr, len) : NULL;

	if (a)
		memcpy(ip->bytes, RTA_DATA(a), len);
	return a != NULL;
}

static void on_route(const struct nlmsghdr *answer, void *arg)
{
	const struct rtmsg *route = NLMSG_DATA(answer);
	struct ip_net net = {};
	uint32_t table;

	if (answer->nlmsg_type != RTM_NEWROUTE || answer->nlmsg_len < NLMSG_LENGTH(sizeof(*route)))
		return;
	net.ip.family = route->rtm_family;
	net.bits = route->rtm_dst_len;
	table = netlink_find_u32(answer, sizeof(*route), RTA_TABLE, route->rtm_table);
	if (table != RT_TABLE_MAIN || net.bits == 0 || net.bits > 8 * ip_len(&net.ip) ||
	    route->rtm_type == RTN_LOCAL || route->rtm_type == RTN_BROADCAST ||
	    route->rtm_type == RTN_ANYCAST || route->rtm_type == RTN_MULTICAST ||
	    route->rtm_flags & RTM_F_CLONED ||
	    !read_ip(answer, sizeof(*route), RTA_DST, &net.ip))
		return;
	add(arg, &net, (int)netlink_find_u32(answer, sizeof(*route), RTA_OIF, 0));
}

/* Of one with a peer, IFA_ADDRESS is the peer's, and the network is on its side. */
static void on_address(const struct nlmsghdr *answer, void *arg)
{
	const struct ifaddrmsg *address = NLMSG_DATA(answer);
	struct ip_net net = {};
	struct ip local = {};

	if (answer->nlmsg_type != RTM_NEWADDR || answer->nlmsg_len < NLMSG_LENGTH(sizeof(*address)))
		return;
	net.ip.family = local.family = address->ifa_family;
	net.bits = address->ifa_prefixlen;
	if (net.bits > 8 * ip_len(&net.ip))
		return;
	if (read_ip(answer, sizeof(*address), IFA_ADDRESS, &net.ip))
		add(arg, &net, (int)address->ifa_index);
	if (read_ip(answer, sizeof(*address), IFA_LOCAL, &local) &&
	    ip_compare(&local, &net.ip) != 0) {
		net = (struct ip_net){ local, (uint8_t)(8 * ip_len(&local)) };
		add(arg, &net, (int)address->ifa_index);
	}
}

static void on_link(const struct nlmsghdr *answer, void *arg)
{
	const struct ifinfomsg *info = NLMSG_DATA(answer);
	struct found *found = arg;
	const struct rtattr *a;

	if (answer->nlmsg_type != RTM_NEWLINK || answer->nlmsg_len < NLMSG_LENGTH(sizeof(*info)))
		return;
	a = netlink_find_attr(answer, sizeof(*info), IFLA_IFNAME, 2);
	for (size_t i = 0; a && i < found->n; i++)
		if (found->links[i] == info->ifi_index)
			(void)snprintf(found->v[i].ifname, sizeof(found->v[i].ifname), "%.*s",
				       (int)RTA_PAYLOAD(a), (const char *)RTA_DATA(a));
}

int host_subnets_load(struct netlink *nl, struct host_subnets *ret, struct err *err)
{
	auto_cleanup(found_done) struct found found = {};
	int r = netlink_dump(nl, RTM_GETROUTE, on_route, &found, err);

	if (r == 0)
		r = netlink_dump(nl, RTM_GETADDR, on_address, &found, err);
	if (r == 0 && found.n)
		r = netlink_dump(nl, RTM_GETLINK, on_link, &found, err);
	if (r == 0 && found.no_memory)
		r = err_sys(err, ENOMEM, "netlink");
	if (r < 0)
		return err_wrap(err, "read the machine's routes");
	*ret = (struct host_subnets){ take_ptr(found.v), found.n };
	return 0;
}
