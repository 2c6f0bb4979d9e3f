/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pair is born complete: one request names both ends, plugs one into the bridge and brings it
 * up, and puts the other one into the container with its name, MAC and MTU. That end can't be
 * brought up by the same request, for it has no partner yet then (ENOTCONN); net/inside.c does it,
 * together with its addresses and routes.
 *
 * Nor does the kernel look at what is wished of the bridge's port in that request: that is a second
 * message, which names the interface, since its index isn't known yet. Both travel together if the
 * name is of our own making. One that was given may be somebody else's, whose port would be changed
 * when ours is refused: then the second one waits for the first one's answer.
 *
 * Names of our own making are random: the index or the process would be free to guess and to clash.
 */
#include "net/veth.h"

#include "net/link.h"
#include "sys/netdev.h"

#include <linux/if_link.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>

#define MAX_TRIES 8

struct pair {
	const struct veth *veth;
	int netns_fd, bridge; /* its index */
	char host_name[IF_NAMESIZE];
};

/* ------------------------------------------------------------------------------- names */

static int check_names(const struct veth *veth, struct err *err)
{
	int r = netdev_check_name(veth->inside.name, err);

	if (r == 0 && *veth->host_name)
		r = netdev_check_name(veth->host_name, err);
	return r;
}

/* Somebody has one of the two names: whose is it? 0: that of our own making, which can be another.
 */
static int explain_clash(struct netlink *inside, const struct pair *pair, struct err *err)
{
	struct link link;
	int r = link_find(inside, pair->veth->inside.name, &link, err);

	if (r < 0)
		return r;
	if (r == 0)
		return err_set(err, ERR_CONFLICT, EEXIST,
			       "the container has an interface '%s' already",
			       pair->veth->inside.name);
	if (*pair->veth->host_name)
		return err_set(err, ERR_CONFLICT, EEXIST, "the host has an interface '%s' already",
			       pair->host_name);
	return 0;
}

/* ------------------------------------------------------------------------------- the pair */

static void put_peer(struct netlink_msg *msg, const struct pair *pair)
{
	const struct ifinfomsg info = {};
	const struct veth *veth = pair->veth;
	size_t peer = netlink_msg_begin(msg, VETH_INFO_PEER);

	netlink_msg_put_struct(msg, &info, sizeof(info));
	netlink_msg_put_str(msg, IFLA_IFNAME, veth->inside.name);
	if (mac_is_set(&veth->mac))
		netlink_msg_put(msg, IFLA_ADDRESS, &veth->mac, sizeof(veth->mac));
	if (veth->mtu)
		netlink_msg_put_u32(msg, IFLA_MTU, veth->mtu);
	netlink_msg_put_u32(msg, IFLA_NET_NS_FD, (uint32_t)pair->netns_fd);
	netlink_msg_end(msg, peer);
}

static void add_pair(struct netlink_batch *batch, const struct pair *pair)
{
	const struct ifinfomsg info = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct netlink_msg msg;
	size_t detail, data;

	netlink_msg_init(&msg, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	netlink_msg_put_str(&msg, IFLA_IFNAME, pair->host_name);
	if (pair->veth->mtu)
		netlink_msg_put_u32(&msg, IFLA_MTU, pair->veth->mtu);
	netlink_msg_put_u32(&msg, IFLA_MASTER, (uint32_t)pair->bridge);
	detail = netlink_msg_begin(&msg, IFLA_LINKINFO);
	netlink_msg_put_str(&msg, IFLA_INFO_KIND, "veth");
	data = netlink_msg_begin(&msg, IFLA_INFO_DATA);
	put_peer(&msg, pair);
	netlink_msg_end(&msg, data);
	netlink_msg_end(&msg, detail);
	netlink_batch_add(batch, &msg, "make '%s'", pair->host_name);
}

/* What came in by the port may leave by it: so does a container's packet for a port of its own that
 * is published, where br_netfilter shows the packet filter what is bridged. */
static void add_modes(struct netlink_batch *batch, const struct pair *pair)
{
	const struct ifinfomsg info = {};
	struct netlink_msg msg;
	size_t detail, data;

	netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info));
	netlink_msg_put_str(&msg, IFLA_IFNAME, pair->host_name);
	detail = netlink_msg_begin(&msg, IFLA_LINKINFO);
	netlink_msg_put_str(&msg, IFLA_INFO_SLAVE_KIND, "bridge");
	data = netlink_msg_begin(&msg, IFLA_INFO_SLAVE_DATA);
	netlink_msg_put_u8(&msg, IFLA_BRPORT_MODE, 1); /* hairpin */
	netlink_msg_put_u8(&msg, IFLA_BRPORT_ISOLATED, pair->veth->is_isolated);
	netlink_msg_end(&msg, data);
	netlink_msg_end(&msg, detail);
	netlink_batch_add(batch, &msg, "set the modes of '%s'", pair->host_name);
}

/* -EEXIST: nothing was made. */
static int make(struct netlink *host, const struct pair *pair, struct err *err)
{
	auto_netlink_batch struct netlink_batch batch = {};
	struct err ignored = {};
	int r = 0;

	add_pair(&batch, pair);
	if (*pair->veth->host_name)
		r = netlink_batch_send(host, &batch, err);
	if (r < 0)
		return r;
	add_modes(&batch, pair);
	r = netlink_batch_send(host, &batch, err);
	if (r < 0 && r != -EEXIST)
		(void)veth_detach(host, pair->host_name, &ignored);
	return r;
}

/* With another name, where it is ours to choose, until there is one that nobody has. */
static int make_with_name(struct netlink *host, struct netlink *inside, struct pair *pair,
			  struct err *err)
{
	const char *given = pair->veth->host_name;
	int r = -EEXIST;

	for (int tries = 0; tries < MAX_TRIES && r == -EEXIST; tries++) {
		if (*given)
			(void)snprintf(pair->host_name, sizeof(pair->host_name), "%s", given);
		r = *given ? 0 : link_make_name("veth", pair->host_name, err);
		if (r == 0)
			r = make(host, pair, err);
		if (r == -EEXIST && explain_clash(inside, pair, err) < 0)
			return -err->no;
	}
	return r;
}

static int find_bridge(struct netlink *host, struct pair *pair, struct err *err)
{
	struct link link;
	int r = link_find(host, pair->veth->bridge, &link, err);

	if (r == 1 || (r == 0 && strcmp(link.kind, "bridge") != 0))
		return err_set(err, ERR_NOT_FOUND, ENODEV, "no bridge '%s'", pair->veth->bridge);
	if (r == 0)
		pair->bridge = link.index;
	return r;
}

int veth_attach(struct netlink *host, int netns_fd, struct netlink *inside, const struct veth *veth,
		char ret_host_name[static IF_NAMESIZE], struct err *err)
{
	struct pair pair = { .veth = veth, .netns_fd = netns_fd };
	int r = check_names(veth, err);

	if (r == 0)
		r = find_bridge(host, &pair, err);
	if (r == 0)
		r = make_with_name(host, inside, &pair, err);
	if (r == 0) {
		r = inside_settle(inside, netns_fd, &veth->inside, err);
		if (r < 0) {
			struct err ignored = {};

			(void)veth_detach(host, pair.host_name, &ignored);
		}
	}
	if (r < 0)
		return err_wrap(err, "attach '%.15s' to bridge '%.15s'", veth->inside.name,
				veth->bridge);
	memcpy(ret_host_name, pair.host_name, IF_NAMESIZE);
	return 0;
}

static void add_plug(struct netlink_batch *batch, const struct pair *pair)
{
	const struct ifinfomsg info = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct netlink_msg msg;

	netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info));
	netlink_msg_put_str(&msg, IFLA_IFNAME, pair->host_name);
	netlink_msg_put_u32(&msg, IFLA_MASTER, (uint32_t)pair->bridge);
	netlink_batch_add(batch, &msg, "make '%s' a port of '%s'", pair->host_name,
			  pair->veth->bridge);
}

int veth_plug(struct netlink *host, const struct veth *veth, struct err *err)
{
	auto_netlink_batch struct netlink_batch batch = {};
	struct pair pair = { .veth = veth };
	struct link link;
	int r = link_find(host, veth->host_name, &link, err);

	if (r != 0)
		return r;
	if (strcmp(link.kind, "veth") != 0)
		return err_set(err, ERR_CONFLICT, EEXIST, "interface '%s' is no veth", link.name);
	memcpy(pair.host_name, link.name, sizeof(pair.host_name));
	r = find_bridge(host, &pair, err);
	if (r < 0 || (link.master == pair.bridge && link.is_up))
		return r;
	add_plug(&batch, &pair);
	add_modes(&batch, &pair);
	return netlink_batch_send(host, &batch, err);
}

int veth_detach(struct netlink *host, const char *host_name, struct err *err)
{
	return link_remove(host, host_name, "veth", err);
}
