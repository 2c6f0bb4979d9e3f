/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interface is made in the host's namespace and put into the container's by the same request.
 * The kernel looks for its name in the former, where "eth0" is mostly taken; so it arrives with a
 * name of our making and is renamed there. The rest is as with every interface (net/inside.c).
 */
#include "net/macvlan.h"

#include "net/link.h"
#include "sys/netdev.h"

#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_VLAN 4094

static const struct {
	const char *driver, *text;
	uint16_t value;
} modes[MACVLAN_VARIANT_MAX_] = {
	[MACVLAN_BRIDGE] = { "macvlan", "bridge", MACVLAN_MODE_BRIDGE },
	[MACVLAN_PRIVATE] = { "macvlan", "private", MACVLAN_MODE_PRIVATE },
	[MACVLAN_VEPA] = { "macvlan", "vepa", MACVLAN_MODE_VEPA },
	[MACVLAN_PASSTHRU] = { "macvlan", "passthru", MACVLAN_MODE_PASSTHRU },
	[IPVLAN_L2] = { "ipvlan", "l2", IPVLAN_MODE_L2 },
	[IPVLAN_L3] = { "ipvlan", "l3", IPVLAN_MODE_L3 },
	[IPVLAN_L3S] = { "ipvlan", "l3s", IPVLAN_MODE_L3S },
};

int macvlan_mode_parse(const char *driver, const char *text, enum macvlan_variant *ret,
		       struct err *err)
{
	for (enum macvlan_variant i = 0; i < MACVLAN_VARIANT_MAX_; i++)
		if (strcmp(modes[i].driver, driver) == 0 &&
		    (!*text || strcmp(modes[i].text, text) == 0)) {
			*ret = i;
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL, "'%.32s' is no mode of %.16s", text, driver);
}

/* ------------------------------------------------------------------------------- the parent */

/* "eth0.10": 10, and how long "eth0" is. 0: it is not such a name. */
static uint16_t vlan_of(const char *name, size_t *ret_len)
{
	const char *dot = strrchr(name, '.');
	char *end;
	unsigned long id;

	if (!dot || dot == name || dot[1] < '1' || dot[1] > '9')
		return 0;
	id = strtoul(dot + 1, &end, 10);
	*ret_len = (size_t)(dot - name);
	return *end || id > MAX_VLAN ? 0 : (uint16_t)id;
}

static int make_vlan(struct netlink *host, const char *name, int parent, uint16_t id,
		     struct err *err)
{
	const struct ifinfomsg info = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct netlink_msg msg;
	size_t detail, data;
	int r;

	netlink_msg_init(&msg, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	netlink_msg_put_str(&msg, IFLA_IFNAME, name);
	netlink_msg_put_u32(&msg, IFLA_LINK, (uint32_t)parent);
	detail = netlink_msg_begin(&msg, IFLA_LINKINFO);
	netlink_msg_put_str(&msg, IFLA_INFO_KIND, "vlan");
	data = netlink_msg_begin(&msg, IFLA_INFO_DATA);
	netlink_msg_put_u16(&msg, IFLA_VLAN_ID, id);
	netlink_msg_end(&msg, data);
	netlink_msg_end(&msg, detail);
	r = netlink_ask(host, &msg, NULL, NULL, err);
	if (r == -EEXIST)
		return 0;
	if (r == -EOPNOTSUPP)
		return err_set(err, ERR_SYSTEM, EOPNOTSUPP, "this kernel has no VLANs");
	return r < 0 ? err_wrap(err, "make VLAN '%s'", name) : 0;
}

static int find_parent(struct netlink *host, const char *name, struct link *ret, struct err *err)
{
	char below[IF_NAMESIZE];
	size_t len = 0;
	uint16_t vlan = vlan_of(name, &len);
	int r = netdev_check_name(name, err);

	if (r == 0)
		r = link_find(host, name, ret, err);
	if (r == 1 && vlan) {
		(void)snprintf(below, sizeof(below), "%.*s", (int)len, name);
		r = link_find(host, below, ret, err);
		if (r == 0)
			r = make_vlan(host, name, ret->index, vlan, err);
		if (r == 0)
			r = link_find(host, name, ret, err);
	}
	return r == 1 ? err_set(err, ERR_NOT_FOUND, ENODEV, "no interface '%s'", name) : r;
}

/* ------------------------------------------------------------------------------- the interface */

static int make(struct netlink *host, int netns_fd, const struct macvlan *macvlan,
		const char *passing, struct err *err)
{
	const struct ifinfomsg info = {};
	const char *driver = modes[macvlan->mode].driver;
	bool is_ipvlan = macvlan->mode >= IPVLAN_L2;
	struct netlink_msg msg;
	size_t detail, data;
	struct link parent;
	int r = find_parent(host, macvlan->parent, &parent, err);

	if (r < 0)
		return r;
	netlink_msg_init(&msg, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	netlink_msg_put_str(&msg, IFLA_IFNAME, passing);
	netlink_msg_put_u32(&msg, IFLA_LINK, (uint32_t)parent.index);
	netlink_msg_put_u32(&msg, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	if (!is_ipvlan && mac_is_set(&macvlan->mac))
		netlink_msg_put(&msg, IFLA_ADDRESS, &macvlan->mac, sizeof(macvlan->mac));
	if (macvlan->mtu)
		netlink_msg_put_u32(&msg, IFLA_MTU, macvlan->mtu);
	detail = netlink_msg_begin(&msg, IFLA_LINKINFO);
	netlink_msg_put_str(&msg, IFLA_INFO_KIND, driver);
	data = netlink_msg_begin(&msg, IFLA_INFO_DATA);
	if (is_ipvlan)
		netlink_msg_put_u16(&msg, IFLA_IPVLAN_MODE, modes[macvlan->mode].value);
	else
		netlink_msg_put_u32(&msg, IFLA_MACVLAN_MODE, modes[macvlan->mode].value);
	netlink_msg_end(&msg, data);
	netlink_msg_end(&msg, detail);
	r = netlink_ask(host, &msg, NULL, NULL, err);
	if (r != -EOPNOTSUPP)
		return r;
	r = err_set(err, ERR_SYSTEM, EOPNOTSUPP, "this kernel has no %s", driver);
	return err_hint(err, "load the module '%s', or use a network of the driver bridge", driver);
}

static int rename_to(struct netlink *inside, int index, const char *name, struct err *err)
{
	const struct ifinfomsg info = { .ifi_index = index };
	struct netlink_msg msg;
	int r;

	netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info));
	netlink_msg_put_str(&msg, IFLA_IFNAME, name);
	r = netlink_ask(inside, &msg, NULL, NULL, err);
	if (r == -EEXIST)
		return err_set(err, ERR_CONFLICT, EEXIST,
			       "the container has an interface '%s' already", name);
	return r;
}

/* In the container, where it has arrived. What fails leaves nothing. */
static int arrive(struct netlink *inside, int netns_fd, const struct macvlan *macvlan,
		  const char *passing, struct err *err)
{
	const char *name = passing;
	struct err ignored = {};
	struct link link;
	int r = link_find(inside, passing, &link, err);

	if (r == 1)
		return err_set(err, ERR_NOT_FOUND, ENODEV, "it has not arrived in the container");
	if (r == 0)
		r = rename_to(inside, link.index, macvlan->inside.name, err);
	if (r == 0) {
		name = macvlan->inside.name;
		r = inside_settle(inside, netns_fd, &macvlan->inside, err);
	}
	if (r < 0)
		(void)link_remove(inside, name, modes[macvlan->mode].driver, &ignored);
	return r;
}

int macvlan_attach(struct netlink *host, int netns_fd, struct netlink *inside,
		   const struct macvlan *macvlan, struct err *err)
{
	char passing[IF_NAMESIZE];
	int r = netdev_check_name(macvlan->inside.name, err);

	if (r == 0)
		r = link_make_name("tare", passing, err);
	if (r == 0)
		r = make(host, netns_fd, macvlan, passing, err);
	if (r == 0)
		r = arrive(inside, netns_fd, macvlan, passing, err);
	return r < 0 ? err_wrap(err, "attach '%.15s' to interface '%.15s'", macvlan->inside.name,
				macvlan->parent)
		     : 0;
}
