/* SPDX-License-Identifier: Apache-2.0 */
/*
 * We ask the kernel which way a packet to the internet would take. That obeys policy rules and the
 * halves of a default route that VPNs like to set, and reads no table of routes, which may be long.
 * The destinations are those of a root name server, A; nothing is sent to them.
 */
#include "net/uplink.h"

#include "net/link.h"

#include <string.h>

static const struct {
	uint8_t family, len;
	uint8_t bytes[16];
} destinations[] = {
	{ AF_INET, 4, { 198, 41, 0, 4 } },
	{ AF_INET6, 16, { 0x20, 0x01, 0x05, 0x03, 0xba, 0x3e, [13] = 0x02, [15] = 0x30 } },
};

static void on_route(const struct nlmsghdr *answer, void *arg)
{
	const struct rtmsg *route = NLMSG_DATA(answer);
	int *index = arg;

	if (answer->nlmsg_type != RTM_NEWROUTE ||
	    answer->nlmsg_len < NLMSG_LENGTH(sizeof(*route)) || route->rtm_type != RTN_UNICAST)
		return;
	*index = (int)netlink_find_u32(answer, sizeof(*route), RTA_OIF, 0);
}

/* The words that routes can refuse with: there is none, unreachable, blackhole, prohibit; and a
 * kernel without the family. */
static bool is_no_way(int r)
{
	return r == -ENETUNREACH || r == -EHOSTUNREACH || r == -EINVAL || r == -EACCES ||
	       r == -EAFNOSUPPORT || r == -EOPNOTSUPP;
}

/* 1: there is no way. */
static int ask(struct netlink *nl, size_t i, int *ret_index, struct err *err)
{
	const struct rtmsg route = { .rtm_family = destinations[i].family,
				     .rtm_dst_len = (uint8_t)(8 * destinations[i].len) };
	struct netlink_msg msg;
	int r;

	*ret_index = 0;
	netlink_msg_init(&msg, RTM_GETROUTE, 0, &route, sizeof(route));
	netlink_msg_put(&msg, RTA_DST, destinations[i].bytes, destinations[i].len);
	r = netlink_ask(nl, &msg, on_route, ret_index, err);
	if (is_no_way(r) || (r == 0 && *ret_index <= 0))
		return 1;
	return r < 0 ? err_wrap(err, "find the default route") : 0;
}

int uplink_find(struct netlink *nl, struct uplink *ret, struct err *err)
{
	for (size_t i = 0; i < sizeof(destinations) / sizeof(*destinations); i++) {
		struct link link;
		int index, r = ask(nl, i, &index, err);

		if (r == 0)
			r = link_find_index(nl, index, &link, err);
		if (r < 0)
			return r;
		if (r > 0)
			continue;
		*ret = (struct uplink){ .index = index,
					.mtu = link.mtu,
					.family = destinations[i].family };
		memcpy(ret->name, link.name, sizeof(ret->name));
		return 0;
	}
	return 1;
}
