/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bridge is made in three requests: the interface, down; a look at it; and all the rest but a
 * VLAN in one batch, whose last message brings it up. So one that is up is complete, whoever made
 * it and whatever became of him: a start only asks for it by name, and does more if it is down.
 *
 * Two that make it at the same time are no trouble: the second finds it, down, and gives it the
 * same addresses, which is no failure (net/address.c).
 *
 * It speaks no spanning tree and so needs no time to learn whether it may forward.
 */
#include "net/bridge.h"

#include "net/address.h"
#include "net/forwarding.h"
#include "net/ip6.h"
#include "net/link.h"
#include "sys/netdev.h"

#include <linux/if_link.h>
#include <linux/ip.h>
#include <string.h>

static int find(struct netlink *nl, const char *name, struct link *ret, struct err *err)
{
	int r = link_find(nl, name, ret, err);

	if (r == 0 && strcmp(ret->kind, "bridge") != 0)
		return err_set(err, ERR_CONFLICT, EEXIST, "interface '%s' is no bridge", name);
	return r;
}

static struct mac mac_wanted(const struct bridge *bridge)
{
	if (mac_is_set(&bridge->mac) || bridge->n_addresses == 0)
		return bridge->mac;
	return mac_of(&bridge->addresses[0].ip);
}

/* ------------------------------------------------------------------------------- the parts */

static int make(struct netlink *nl, const struct bridge *bridge, struct err *err)
{
	const struct ifinfomsg info = {};
	const struct mac mac = mac_wanted(bridge);
	struct netlink_msg msg;
	size_t detail, data;

	netlink_msg_init(&msg, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	netlink_msg_put_str(&msg, IFLA_IFNAME, bridge->name);
	if (mac_is_set(&mac))
		netlink_msg_put(&msg, IFLA_ADDRESS, &mac, sizeof(mac));
	detail = netlink_msg_begin(&msg, IFLA_LINKINFO);
	netlink_msg_put_str(&msg, IFLA_INFO_KIND, "bridge");
	data = netlink_msg_begin(&msg, IFLA_INFO_DATA);
	netlink_msg_put_u32(&msg, IFLA_BR_STP_STATE, 0);
	netlink_msg_put_u32(&msg, IFLA_BR_FORWARD_DELAY, 0);
	netlink_msg_end(&msg, data);
	netlink_msg_end(&msg, detail);
	return netlink_ask(nl, &msg, NULL, NULL, err);
}

static bool is_other_vlan(const struct bridge *bridge, const struct link *link)
{
	return bridge->vlan && bridge->vlan != link->vlan;
}

/* Ports get it by themselves, whoever plugs them in; and the bridge, which is one too. */
static int set_vlan(struct netlink *nl, const struct bridge *bridge, const struct link *link,
		    struct err *err)
{
	const struct ifinfomsg info = { .ifi_index = link->index };
	struct netlink_msg msg;
	size_t detail, data;
	int r;

	netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info));
	detail = netlink_msg_begin(&msg, IFLA_LINKINFO);
	netlink_msg_put_str(&msg, IFLA_INFO_KIND, "bridge");
	data = netlink_msg_begin(&msg, IFLA_INFO_DATA);
	netlink_msg_put_u8(&msg, IFLA_BR_VLAN_FILTERING, 1);
	netlink_msg_put_u16(&msg, IFLA_BR_VLAN_DEFAULT_PVID, bridge->vlan);
	netlink_msg_end(&msg, data);
	netlink_msg_end(&msg, detail);
	r = netlink_ask(nl, &msg, NULL, NULL, err);
	if (r == -EOPNOTSUPP)
		return err_set(err, ERR_USAGE, EOPNOTSUPP,
			       "VLAN %u: this kernel's bridges tell no VLANs apart", bridge->vlan);
	return r < 0 ? err_wrap(err, "set its VLAN %u", bridge->vlan) : 1;
}

/* What of /proc/sys/net/ipv4/conf/NAME netlink can set. */
static void add_conf(struct netlink_batch *batch, int index)
{
	const struct ifinfomsg info = { .ifi_index = index };
	struct netlink_msg msg;
	size_t spec, inet, conf;

	netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info));
	spec = netlink_msg_begin(&msg, IFLA_AF_SPEC);
	inet = netlink_msg_begin(&msg, AF_INET);
	conf = netlink_msg_begin(&msg, IFLA_INET_CONF);
	netlink_msg_put_u32(&msg, IPV4_DEVCONF_FORWARDING, 1);
	netlink_msg_put_u32(&msg, IPV4_DEVCONF_ROUTE_LOCALNET, 1);
	netlink_msg_end(&msg, conf);
	netlink_msg_end(&msg, inet);
	netlink_msg_end(&msg, spec);
	netlink_batch_add(batch, &msg, "set its route_localnet and forwarding");
}

static bool is_other_mtu(const struct bridge *bridge, const struct link *link)
{
	return bridge->mtu && bridge->mtu != link->mtu;
}

/* MTU and MAC are touched only where they differ, for that is told to everybody who listens. An MTU
 * counts as somebody's wish only when it is changed; one that was given at birth follows those of
 * the ports. */
static uint32_t add_link(struct netlink_batch *batch, const struct bridge *bridge,
			 const struct link *link)
{
	const struct ifinfomsg info = { .ifi_index = link->index };
	const struct mac mac = mac_wanted(bridge);
	struct netlink_msg msg;
	uint32_t n = 0;

	netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info));
	if (is_other_mtu(bridge, link)) {
		netlink_msg_put_u32(&msg, IFLA_MTU, bridge->mtu);
		n++;
	}
	if (mac_is_set(&mac) && memcmp(&mac, &link->mac, sizeof(mac)) != 0) {
		netlink_msg_put(&msg, IFLA_ADDRESS, &mac, sizeof(mac));
		n++;
	}
	if (n)
		netlink_batch_add(batch, &msg, "set its MTU %u and MAC", bridge->mtu);
	return n;
}

static uint32_t add_up(struct netlink_batch *batch, const struct link *link)
{
	const struct ifinfomsg info = { .ifi_index = link->index,
					.ifi_flags = IFF_UP,
					.ifi_change = IFF_UP };
	struct netlink_msg msg;

	if (link->is_up)
		return 0;
	netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info));
	netlink_batch_add(batch, &msg, "bring it up");
	return 1;
}

/* ------------------------------------------------------------------------------- addresses */

static bool is_same(const struct ip_net *a, const struct ip_net *b)
{
	return a->bits == b->bits && ip_compare(&a->ip, &b->ip) == 0;
}

static bool is_wanted(const struct bridge *bridge, const struct ip_net *has)
{
	for (size_t i = 0; i < bridge->n_addresses; i++)
		if (is_same(&bridge->addresses[i], has))
			return true;
	return false;
}

/* It lies in a network of the bridge, where it could be a container's. */
static bool is_stale(const struct bridge *bridge, const struct ip_net *has)
{
	if (is_wanted(bridge, has))
		return false;
	for (size_t i = 0; i < bridge->n_addresses; i++)
		if (ip_net_has(&bridge->addresses[i], &has->ip))
			return true;
	return false;
}

static uint32_t add_addresses(struct netlink_batch *batch, const struct bridge *bridge, int index,
			      const struct buf *list)
{
	const struct ip_net *has = (const void *)list->data;
	size_t n = list->len / sizeof(*has);
	uint32_t changes = 0;

	for (size_t i = 0; i < n; i++)
		if (is_stale(bridge, &has[i])) {
			address_remove(batch, index, &has[i]);
			changes++;
		}
	for (size_t i = 0; i < bridge->n_addresses; i++) {
		bool is_there = false;

		for (size_t k = 0; k < n && !is_there; k++)
			is_there = is_same(&bridge->addresses[i], &has[k]);
		if (!is_there) {
			address_add(batch, index, &bridge->addresses[i]);
			changes++;
		}
	}
	return changes;
}

/* ------------------------------------------------------------------------------- the whole */

/* Give it all that it shall have. Returns the number of changes. */
static int settle(struct netlink *nl, const struct bridge *bridge, const struct link *link,
		  struct err *err)
{
	auto_netlink_batch struct netlink_batch batch = {};
	auto_buf struct buf list = {};
	int n = 0, r = forwarding_enable(bridge->has_ip6, err);

	if (r == 0)
		r = ip6_set(bridge->name, bridge->has_ip6, err);
	if (r == 0)
		r = address_list(nl, link->index, &list, err);
	if (r == 0 && is_other_vlan(bridge, link))
		r = n = set_vlan(nl, bridge, link, err);
	if (r < 0)
		return r;
	n += add_link(&batch, bridge, link);
	add_conf(&batch, link->index);
	n += add_addresses(&batch, bridge, link->index, &list);
	n += add_up(&batch, link);
	r = netlink_batch_send(nl, &batch, err);
	return r < 0 ? r : n;
}

static int ensure(struct netlink *nl, const struct bridge *bridge, bool is_thorough,
		  struct err *err)
{
	bool is_new = false;
	struct link link;
	int r = find(nl, bridge->name, &link, err);

	if (r == 1) {
		r = netdev_check_name(bridge->name, err);
		if (r == 0)
			r = make(nl, bridge, err);
		is_new = r == 0;
		if (r < 0 && r != -EEXIST)
			return r;
		r = find(nl, bridge->name, &link, err);
	}
	if (r == 1)
		return err_set(err, ERR_CONFLICT, ENODEV, "it was removed meanwhile");
	if (r < 0)
		return r;
	if (!is_new && !is_thorough && link.is_up && !is_other_mtu(bridge, &link) &&
	    !is_other_vlan(bridge, &link))
		return 0;
	r = settle(nl, bridge, &link, err);
	if (r < 0)
		return r;
	return is_new || (is_thorough && r > 0);
}

int bridge_ensure(struct netlink *nl, const struct bridge *bridge, struct err *err)
{
	int r = ensure(nl, bridge, false, err);

	return r < 0 ? err_wrap(err, "set up bridge '%.15s'", bridge->name) : r;
}

int bridge_repair(struct netlink *nl, const struct bridge *bridge, struct err *err)
{
	int r = ensure(nl, bridge, true, err);

	return r < 0 ? err_wrap(err, "repair bridge '%.15s'", bridge->name) : r;
}

int bridge_remove(struct netlink *nl, const char *name, struct err *err)
{
	return link_remove(nl, name, "bridge", err);
}

int bridge_find(struct netlink *nl, const char *name, struct bridge_state *ret, struct err *err)
{
	uint32_t n_ports;
	struct link link;
	int r = find(nl, name, &link, err);

	if (r == 0)
		r = link_count_ports(nl, link.index, &n_ports, err);
	if (r == 0)
		*ret = (struct bridge_state){ .index = link.index,
					      .mac = link.mac,
					      .mtu = link.mtu,
					      .n_ports = n_ports,
					      .is_up = link.is_up };
	return r;
}
