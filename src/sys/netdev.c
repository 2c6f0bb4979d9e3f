/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving a device: the kernel takes it down and its addresses away, so these are read first and set
 * again on the other side. Move and new name are one request; the name is looked for in the
 * container before, since a device that was moved and could not be renamed would be lost to both.
 *
 * Talking to the other side needs a socket that was made there.
 */
#include "sys/netdev.h"

#include "base/buf.h"
#include "sys/netlink.h"
#include "sys/ns.h"

#include <linux/if_addr.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

struct link {
	int index; /* 0: none */
	unsigned flags;
};

struct addr {
	struct ifaddrmsg head;
	uint32_t flags;
	uint8_t local[16], peer[16], broadcast[4];
	uint8_t local_len, peer_len, broadcast_len; /* 0: it has none */
};

/* An array of struct addr, those of one device. */
struct addrs {
	struct buf list;
	unsigned index;
};

int netdev_check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (len == 0 || len >= IFNAMSIZ || strpbrk(name, "/: \t\n\v\f\r") ||
	    strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no name of a network device",
			       name);
	return 0;
}

/* ------------------------------------------------------------------------------------ links */

static void on_link(const struct nlmsghdr *answer, void *arg)
{
	const struct ifinfomsg *info = NLMSG_DATA(answer);
	struct link *link = arg;

	if (answer->nlmsg_type == RTM_NEWLINK && answer->nlmsg_len >= NLMSG_LENGTH(sizeof(*info)))
		*link = (struct link){ info->ifi_index, info->ifi_flags };
}

/* -ENODEV: there is none of that name. */
static int link_get(struct netlink *nl, const char *name, struct link *ret, struct err *err)
{
	const struct ifinfomsg info = {};
	struct netlink_msg msg;
	int r;

	*ret = (struct link){};
	netlink_msg_init(&msg, RTM_GETLINK, 0, &info, sizeof(info));
	netlink_msg_put_str(&msg, IFLA_IFNAME, name);
	r = netlink_ask(nl, &msg, on_link, ret, err);
	if (r < 0)
		return r;
	return ret->index > 0 ? 0 : err_set(err, ERR_SYSTEM, EPROTO, "netlink: no answer");
}

static int link_move(struct netlink *nl, int index, int netns_fd, const char *name,
		     struct err *err)
{
	const struct ifinfomsg info = { .ifi_index = index };
	struct netlink_msg msg;

	netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info));
	netlink_msg_put_u32(&msg, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	netlink_msg_put_str(&msg, IFLA_IFNAME, name);
	return netlink_ask(nl, &msg, NULL, NULL, err);
}

static int link_rename(struct netlink *nl, int index, const char *name, struct err *err)
{
	const struct ifinfomsg info = { .ifi_index = index };
	struct netlink_msg msg;

	netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info));
	netlink_msg_put_str(&msg, IFLA_IFNAME, name);
	return netlink_ask(nl, &msg, NULL, NULL, err);
}

static int link_up(struct netlink *nl, int index, struct err *err)
{
	const struct ifinfomsg info = { .ifi_index = index, .ifi_flags = IFF_UP,
					.ifi_change = IFF_UP };
	struct netlink_msg msg;

	netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info));
	return netlink_ask(nl, &msg, NULL, NULL, err);
}

/* -------------------------------------------------------------------------------- addresses */

static uint8_t copy_attr(const struct nlmsghdr *answer, uint16_t attr, uint8_t *to, size_t max)
{
	const struct rtattr *a = netlink_find_attr(answer, sizeof(struct ifaddrmsg), attr, 4);

	if (!a || RTA_PAYLOAD(a) > max)
		return 0;
	memcpy(to, RTA_DATA(a), RTA_PAYLOAD(a));
	return (uint8_t)RTA_PAYLOAD(a);
}

static void on_addr(const struct nlmsghdr *answer, void *arg)
{
	const struct ifaddrmsg *head = NLMSG_DATA(answer);
	struct addrs *addrs = arg;
	struct addr addr = {};

	if (answer->nlmsg_type != RTM_NEWADDR || answer->nlmsg_len < NLMSG_LENGTH(sizeof(*head)))
		return;
	addr.head = *head;
	addr.flags = head->ifa_flags;
	(void)copy_attr(answer, IFA_FLAGS, (uint8_t *)&addr.flags, sizeof(addr.flags));
	if (head->ifa_index != addrs->index || head->ifa_scope != RT_SCOPE_UNIVERSE ||
	    !(addr.flags & IFA_F_PERMANENT))
		return;
	addr.local_len = copy_attr(answer, IFA_LOCAL, addr.local, sizeof(addr.local));
	addr.peer_len = copy_attr(answer, IFA_ADDRESS, addr.peer, sizeof(addr.peer));
	addr.broadcast_len = copy_attr(answer, IFA_BROADCAST, addr.broadcast,
				       sizeof(addr.broadcast));
	buf_add(&addrs->list, &addr, sizeof(addr));
}

static int addrs_get(struct netlink *nl, int index, struct addrs *ret, struct err *err)
{
	ret->index = (unsigned)index;
	return netlink_dump(nl, RTM_GETADDR, on_addr, ret, err);
}

static int addr_add(struct netlink *nl, int index, const struct addr *addr, struct err *err)
{
	const struct ifaddrmsg head = {
		.ifa_family = addr->head.ifa_family,
		.ifa_prefixlen = addr->head.ifa_prefixlen,
		.ifa_scope = RT_SCOPE_UNIVERSE,
		.ifa_index = (unsigned)index,
	};
	/* It was in use a moment ago: no need to spend a second on finding out whether it is free.
	 */
	const uint32_t keep = IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN | IFA_F_HOMEADDRESS;
	struct netlink_msg msg;

	netlink_msg_init(&msg, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	netlink_msg_put_u32(&msg, IFA_FLAGS,
			    (addr->flags & keep) | IFA_F_PERMANENT |
				    (head.ifa_family == AF_INET6 ? IFA_F_NODAD : 0));
	if (addr->local_len)
		netlink_msg_put(&msg, IFA_LOCAL, addr->local, addr->local_len);
	if (addr->peer_len)
		netlink_msg_put(&msg, IFA_ADDRESS, addr->peer, addr->peer_len);
	if (addr->broadcast_len)
		netlink_msg_put(&msg, IFA_BROADCAST, addr->broadcast, addr->broadcast_len);
	return netlink_ask(nl, &msg, NULL, NULL, err);
}

/* ------------------------------------------------------------------------------------- move */

struct move {
	const char *host_name, *name;
	int home_fd, away_fd; /* network namespaces */
	struct netlink home, away;
	struct link link; /* as it was at home */
	struct addrs addrs;
};

static void move_done(struct move *move)
{
	closep(&move->home_fd);
	netlink_close(&move->home);
	netlink_close(&move->away);
	buf_done(&move->addrs.list);
}

static int check_name_is_free(struct move *move, struct err *err)
{
	struct link there;
	int r;

	if (strchr(move->name, '%'))
		return 0;
	r = link_get(&move->away, move->name, &there, err);
	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return r;
	return err_set(err, ERR_CONFLICT, EEXIST, "the container has a network device '%s' already",
		       move->name);
}

static int look(struct move *move, struct err *err)
{
	int r = netlink_open(&move->home, err);

	if (r < 0)
		return r;
	r = link_get(&move->home, move->host_name, &move->link, err);
	if (r == -ENODEV)
		return err_set(err, ERR_NOT_FOUND, ENODEV, "no network device '%s'",
			       move->host_name);
	if (r < 0)
		return r;
	if (move->link.flags & IFF_LOOPBACK)
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%s' is the loopback device and can't leave", move->host_name);
	r = addrs_get(&move->home, move->link.index, &move->addrs, err);
	if (r == 0)
		r = ns_open(getpid(), NS_NET, &move->home_fd, err);
	if (r == 0)
		r = netlink_open_in(&move->away, move->away_fd, err);
	return r < 0 ? r : check_name_is_free(move, err);
}

/* Give the device, which arrived as `name`, what it had: on either side. */
static int settle(struct netlink *nl, struct move *move, const char *name, bool up,
		  struct err *err)
{
	const struct addr *addrs = (const void *)move->addrs.list.data;
	size_t n = move->addrs.list.len / sizeof(*addrs);
	struct link link;
	int r = link_get(nl, name, &link, err);

	if (r == 0 && up)
		r = link_up(nl, link.index, err);
	for (size_t i = 0; i < n && r == 0; i++)
		r = addr_add(nl, link.index, &addrs[i], err);
	return r;
}

static void bring_back(struct move *move, const char *name)
{
	struct link link;
	struct err err;

	if (link_get(&move->away, name, &link, &err) == 0 &&
	    link_move(&move->away, link.index, move->home_fd, move->host_name, &err) == 0)
		(void)settle(&move->home, move, move->host_name, move->link.flags & IFF_UP, &err);
}

static int go(struct move *move, struct err *err)
{
	bool is_template = strchr(move->name, '%') != NULL;
	char passing[IFNAMSIZ];
	struct link link;
	int r;

	(void)snprintf(passing, sizeof(passing), "tare%d", move->link.index);
	if (!is_template)
		(void)snprintf(passing, sizeof(passing), "%s", move->name);
	r = link_move(&move->home, move->link.index, move->away_fd, passing, err);
	if (r < 0)
		return r;
	r = settle(&move->away, move, passing, !is_template, err);
	if (r == 0 && is_template)
		r = link_get(&move->away, passing, &link, err);
	if (r == 0 && is_template)
		r = link_rename(&move->away, link.index, move->name, err);
	if (r < 0)
		bring_back(move, passing);
	else if (is_template)
		r = link_up(&move->away, link.index, err);
	return r;
}

int netdev_move(const char *host_name, int netns_fd, const char *name, struct err *err)
{
	auto_cleanup(move_done) struct move move = {
		.host_name = host_name,
		.name = name && *name ? name : host_name,
		.home_fd = -1,
		.away_fd = netns_fd,
		.home.fd = -1,
		.away.fd = -1,
	};
	int r = netdev_check_name(host_name, err);

	if (r == 0)
		r = netdev_check_name(move.name, err);
	if (r == 0)
		r = look(&move, err);
	if (r == 0)
		r = go(&move, err);
	return r < 0 ? err_wrap(err, "move network device '%.15s'", host_name) : 0;
}

int netdev_loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	/* Any socket will do to name the namespace; this kind is the cheapest. */
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return -errno;
	return 0;
}
