/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses are added with NLM_F_REPLACE: one that is there already, as when two commands do the
 * same at the same time, is no failure. Whoever gives them out sees to it that nobody else has
 * them, so the second that IPv6 would take to find that out (RFC 4862, section 5.4) is saved.
 */
#include "net/address.h"

#include <string.h>

#define LONGEST_WITH_BROADCAST 30 /* RFC 3021: a /31 has none */

static void init(struct netlink_msg *msg, uint16_t type, uint16_t flags, int index,
		 const struct ip_net *address)
{
	const struct ifaddrmsg head = {
		.ifa_family = address->ip.family,
		.ifa_prefixlen = address->bits,
		.ifa_scope = RT_SCOPE_UNIVERSE,
		.ifa_index = (unsigned)index,
	};
	unsigned len = ip_len(&address->ip);

	netlink_msg_init(msg, type, flags, &head, sizeof(head));
	netlink_msg_put(msg, IFA_LOCAL, address->ip.bytes, len);
	netlink_msg_put(msg, IFA_ADDRESS, address->ip.bytes, len);
}

void address_add(struct netlink_batch *batch, int index, const struct ip_net *address)
{
	struct netlink_msg msg;
	char text[IP_NET_BYTES];

	init(&msg, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, index, address);
	if (address->ip.family == AF_INET6) {
		netlink_msg_put_u32(&msg, IFA_FLAGS, IFA_F_NODAD | IFA_F_PERMANENT);
	} else if (address->bits <= LONGEST_WITH_BROADCAST) {
		struct ip broadcast = ip_net_last(address);

		netlink_msg_put(&msg, IFA_BROADCAST, broadcast.bytes, 4);
	}
	netlink_batch_add(batch, &msg, "add address '%s'", ip_net_format(address, text));
}

void address_remove(struct netlink_batch *batch, int index, const struct ip_net *address)
{
	struct netlink_msg msg;
	char text[IP_NET_BYTES];

	init(&msg, RTM_DELADDR, 0, index, address);
	netlink_batch_add(batch, &msg, "remove address '%s'", ip_net_format(address, text));
}

bool address_read(const struct rtattr *a, uint8_t family, struct ip *ret)
{
	struct ip ip = { .family = family };

	if (!a || ip_len(&ip) == 0 || RTA_PAYLOAD(a) < ip_len(&ip))
		return false;
	memcpy(ip.bytes, RTA_DATA(a), ip_len(&ip));
	*ret = ip;
	return true;
}

bool address_parse(const struct nlmsghdr *answer, struct address *ret)
{
	const struct ifaddrmsg *head = NLMSG_DATA(answer);
	const size_t body = sizeof(*head);
	struct ip_net net = {};

	if (answer->nlmsg_type != RTM_NEWADDR || answer->nlmsg_len < NLMSG_LENGTH(body))
		return false;
	net.bits = head->ifa_prefixlen;
	if (!address_read(netlink_find_attr(answer, body, IFA_LOCAL, 4), head->ifa_family,
			  &net.ip) &&
	    !address_read(netlink_find_attr(answer, body, IFA_ADDRESS, 4), head->ifa_family,
			  &net.ip))
		return false;
	*ret = (struct address){ (int)head->ifa_index, head->ifa_scope, net };
	return true;
}

struct listing {
	int index;
	struct buf *list;
};

static void on_address(const struct nlmsghdr *answer, void *arg)
{
	const struct listing *listing = arg;
	struct address address;

	if (address_parse(answer, &address) && address.index == listing->index &&
	    address.scope == RT_SCOPE_UNIVERSE)
		buf_add(listing->list, &address.net, sizeof(address.net));
}

int address_list(struct netlink *nl, int index, struct buf *ret, struct err *err)
{
	const struct ifaddrmsg head = { .ifa_index = (unsigned)index };
	struct listing listing = { index, ret };
	struct netlink_msg msg;
	int r;

	netlink_msg_init(&msg, RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head));
	r = netlink_ask(nl, &msg, on_address, &listing, err);
	return r < 0 ? err_wrap(err, "list the addresses of interface %d", index) : 0;
}
