/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer bears some 70 attributes; we read ten. Statistics, which would make up a third of it,
 * are not asked for.
 */
#include "net/link.h"

#include "sys/random.h"

#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

static int number_of(const struct nlmsghdr *answer, uint16_t attr)
{
	return (int)netlink_find_u32(answer, sizeof(struct ifinfomsg), attr, 0);
}

static void text_of(const struct rtattr *a, char *ret, size_t size)
{
	if (a)
		(void)snprintf(ret, size, "%.*s", (int)RTA_PAYLOAD(a), (const char *)RTA_DATA(a));
}

static uint16_t vlan_of(const struct rtattr *detail)
{
	const struct rtattr *data = netlink_find_inner(detail, IFLA_INFO_DATA, 1);
	const struct rtattr *filtering, *pvid;
	uint16_t vlan = 0;

	if (!data)
		return 0;
	filtering = netlink_find_inner(data, IFLA_BR_VLAN_FILTERING, 1);
	pvid = netlink_find_inner(data, IFLA_BR_VLAN_DEFAULT_PVID, sizeof(vlan));
	if (pvid && filtering && *(const uint8_t *)RTA_DATA(filtering))
		memcpy(&vlan, RTA_DATA(pvid), sizeof(vlan));
	return vlan;
}

bool link_parse(const struct nlmsghdr *answer, struct link *ret)
{
	const size_t body = sizeof(struct ifinfomsg);
	const struct ifinfomsg *info = NLMSG_DATA(answer);
	const struct rtattr *mac, *carrier, *detail;

	if (answer->nlmsg_type != RTM_NEWLINK || answer->nlmsg_len < NLMSG_LENGTH(body))
		return false;
	*ret = (struct link){
		.index = info->ifi_index,
		.is_up = info->ifi_flags & IFF_UP,
		.master = number_of(answer, IFLA_MASTER),
		.parent = number_of(answer, IFLA_LINK),
		.parent_netns = (int)netlink_find_u32(answer, body, IFLA_LINK_NETNSID,
						      (uint32_t)-1),
		.mtu = (uint32_t)number_of(answer, IFLA_MTU),
	};
	text_of(netlink_find_attr(answer, body, IFLA_IFNAME, 1), ret->name, sizeof(ret->name));
	mac = netlink_find_attr(answer, body, IFLA_ADDRESS, sizeof(ret->mac));
	if (mac && RTA_PAYLOAD(mac) == sizeof(ret->mac))
		memcpy(&ret->mac, RTA_DATA(mac), sizeof(ret->mac));
	carrier = netlink_find_attr(answer, body, IFLA_CARRIER, 1);
	ret->has_carrier = carrier && *(const uint8_t *)RTA_DATA(carrier);
	detail = netlink_find_attr(answer, body, IFLA_LINKINFO, 1);
	if (detail)
		text_of(netlink_find_inner(detail, IFLA_INFO_KIND, 1), ret->kind,
			sizeof(ret->kind));
	if (strcmp(ret->kind, "bridge") == 0)
		ret->vlan = vlan_of(detail);
	return true;
}

static void on_link(const struct nlmsghdr *answer, void *arg)
{
	(void)link_parse(answer, arg);
}

static int ask(struct netlink *nl, const char *name, int index, struct link *ret, struct err *err)
{
	const struct ifinfomsg info = { .ifi_index = index };
	struct netlink_msg msg;
	struct link link = {};
	int r;

	netlink_msg_init(&msg, RTM_GETLINK, 0, &info, sizeof(info));
	if (name)
		netlink_msg_put_str(&msg, IFLA_IFNAME, name);
	netlink_msg_put_u32(&msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	r = netlink_ask(nl, &msg, on_link, &link, err);
	if (r == -ENODEV)
		return 1;
	if (r < 0)
		return r;
	if (link.index <= 0)
		return err_set(err, ERR_SYSTEM, EPROTO, "netlink: no answer");
	*ret = link;
	return 0;
}

int link_find(struct netlink *nl, const char *name, struct link *ret, struct err *err)
{
	int r = ask(nl, name, 0, ret, err);

	return r < 0 ? err_wrap(err, "find interface '%s'", name) : r;
}

int link_find_index(struct netlink *nl, int index, struct link *ret, struct err *err)
{
	int r = ask(nl, NULL, index, ret, err);

	return r < 0 ? err_wrap(err, "find interface %d", index) : r;
}

int link_make_name(const char *prefix, char ret[static IF_NAMESIZE], struct err *err)
{
	char digits[9];
	int r = random_hex(digits, 8, err);

	if (r < 0)
		return err_wrap(err, "make up a name");
	(void)snprintf(ret, IF_NAMESIZE, "%.4s%s", prefix, digits);
	return 0;
}

struct count {
	int bridge;
	uint32_t n;
};

/* A kernel that does not choose by master tells of all interfaces. */
static void on_port(const struct nlmsghdr *answer, void *arg)
{
	struct count *count = arg;

	if (answer->nlmsg_type == RTM_NEWLINK && number_of(answer, IFLA_MASTER) == count->bridge)
		count->n++;
}

int link_count_ports(struct netlink *nl, int bridge, uint32_t *ret, struct err *err)
{
	const struct ifinfomsg info = {};
	struct count count = { .bridge = bridge };
	struct netlink_msg msg;
	int r;

	netlink_msg_init(&msg, RTM_GETLINK, NLM_F_DUMP, &info, sizeof(info));
	netlink_msg_put_u32(&msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	netlink_msg_put_u32(&msg, IFLA_MASTER, (uint32_t)bridge);
	r = netlink_ask(nl, &msg, on_port, &count, err);
	if (r < 0)
		return err_wrap(err, "count the ports of interface %d", bridge);
	*ret = count.n;
	return 0;
}

int link_remove(struct netlink *nl, const char *name, const char *kind, struct err *err)
{
	struct ifinfomsg info = {};
	struct netlink_msg msg;
	struct link link;
	int r = link_find(nl, name, &link, err);

	if (r != 0)
		return r < 0 ? r : 0;
	if (strcmp(link.kind, kind) != 0)
		return err_set(err, ERR_CONFLICT, EINVAL, "interface '%s' is no %s", name, kind);
	info.ifi_index = link.index;
	netlink_msg_init(&msg, RTM_DELLINK, 0, &info, sizeof(info));
	r = netlink_ask(nl, &msg, NULL, NULL, err);
	if (r < 0 && r != -ENODEV)
		return err_wrap(err, "remove interface '%s'", name);
	return 0;
}
