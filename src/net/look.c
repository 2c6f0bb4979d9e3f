/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three dumps of rtnetlink(7) by a socket that is opened inside: links, addresses, routes. What
 * comes or goes between them is missing, and no failure.
 *
 * Where the other end of an interface is, the kernel says by the number that the namespace of that
 * end has in this one. It hands out such a number when it first tells of it, so that ours is asked
 * for after the links.
 *
 * Who may not enter the namespace may enter the user namespace that it belongs to, if that is his,
 * and then this one; but not come back. So a child does, and hands the socket over.
 */
#include "net/look.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "net/address.h"
#include "net/link.h"
#include "oci/list.h"
#include "sys/clone.h"
#include "sys/netlink.h"
#include "sys/ns.h"
#include "sys/sock.h"

#include <linux/net_namespace.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define LOOKED_MAX 4096 /* of each kind: who is inside may make any number */

struct looking {
	struct arena *arena;
	struct look *look;
	OCI_LIST(struct link) links; /* links.v[i] is look->interfaces.v[i] */
};

/* Is there room for one more of `n`? */
static bool has_room(struct looking *looking, size_t n)
{
	looking->look->is_cut |= n >= LOOKED_MAX;
	return n < LOOKED_MAX;
}

static char *valid_text(struct arena *arena, const char *text)
{
	auto_buf struct buf out = {};

	utf8_add_valid(&out, text);
	return arena_strdup(arena, buf_str(&out));
}

/* ------------------------------------------------------------------------------- interfaces */

static const char *state_of(const struct link *link)
{
	if (!link->is_up)
		return "down";
	return link->has_carrier ? "up" : "no carrier";
}

static void on_link(const struct nlmsghdr *answer, void *arg)
{
	struct looking *looking = arg;
	char mac[MAC_BYTES];
	struct link link;

	if (!link_parse(answer, &link) || !has_room(looking, looking->links.n))
		return;
	*list_add(&looking->links, looking->arena) = link;
	*list_add(&looking->look->interfaces, looking->arena) = (struct look_interface){
		.index = (uint32_t)link.index,
		.name = valid_text(looking->arena, link.name),
		.kind = *link.kind ? arena_strdup(looking->arena, link.kind) : NULL,
		.state = state_of(&link),
		.mac = mac_is_set(&link.mac)
			       ? arena_strdup(looking->arena, mac_format(&link.mac, mac))
			       : NULL,
		.mtu = link.mtu,
	};
}

static struct look_interface *find_interface(const struct looking *looking, int index)
{
	for (size_t i = 0; i < looking->links.n; i++)
		if (looking->links.v[i].index == index)
			return &looking->look->interfaces.v[i];
	return NULL;
}

static void on_address(const struct nlmsghdr *answer, void *arg)
{
	struct looking *looking = arg;
	struct look_interface *interface;
	struct address address;
	char text[IP_NET_BYTES];

	if (!address_parse(answer, &address))
		return;
	interface = find_interface(looking, address.index);
	if (interface && has_room(looking, interface->addresses.n))
		strings_add(&interface->addresses, looking->arena,
			    arena_strdup(looking->arena, ip_net_format(&address.net, text)));
}

/* ------------------------------------------------------------------------------- routes */

static const char *kind_of(uint8_t type)
{
	static const char *const names[] = {
		[RTN_BLACKHOLE] = "blackhole",
		[RTN_UNREACHABLE] = "unreachable",
		[RTN_PROHIBIT] = "prohibit",
		[RTN_THROW] = "throw",
	};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}

/* A router may be of the other family: then it comes with its own. */
static struct ip router_of(const struct rtattr *gateway, const struct rtattr *via, uint8_t family)
{
	struct ip ip = {};
	struct rtvia *other;

	if (address_read(gateway, family, &ip) || !via)
		return ip;
	other = RTA_DATA(via);
	ip.family = other->rtvia_family == AF_INET6 ? AF_INET6 : AF_INET;
	if (RTA_PAYLOAD(via) < sizeof(*other) + ip_len(&ip))
		return (struct ip){};
	memcpy(ip.bytes, other->rtvia_addr, ip_len(&ip));
	return ip;
}

static void add_way(struct looking *looking, const struct look_route *route, const struct ip *via,
		    int index)
{
	const struct look_interface *interface = find_interface(looking, index);
	struct look_route way = *route;
	char text[IP_BYTES];

	if (!has_room(looking, looking->look->routes.n))
		return;
	way.via = ip_is_set(via) ? arena_strdup(looking->arena, ip_format(via, text)) : NULL;
	way.interface = interface ? interface->name : NULL;
	*list_add(&looking->look->routes, looking->arena) = way;
}

static void add_ways(struct looking *looking, const struct look_route *route,
		     const struct rtattr *ways, uint8_t family)
{
	const struct rtnexthop *hop = RTA_DATA(ways);
	size_t len = RTA_PAYLOAD(ways);

	while (len >= sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) && hop->rtnh_len <= len) {
		const size_t step = RTNH_ALIGN(hop->rtnh_len), inner = hop->rtnh_len - sizeof(*hop);
		struct ip via = router_of(netlink_find_in(hop + 1, inner, RTA_GATEWAY, 4),
					  netlink_find_in(hop + 1, inner, RTA_VIA, 2), family);

		add_way(looking, route, &via, hop->rtnh_ifindex);
		if (step >= len)
			break;
		len -= step;
		hop = (const void *)((const char *)hop + step);
	}
}

/* Not what the kernel keeps beside them: local addresses, groups, what it has learned. */
static bool is_for_people(const struct nlmsghdr *answer)
{
	const struct rtmsg *head = NLMSG_DATA(answer);

	return (head->rtm_family == AF_INET || head->rtm_family == AF_INET6) &&
	       netlink_find_u32(answer, sizeof(*head), RTA_TABLE, head->rtm_table) ==
		       RT_TABLE_MAIN &&
	       (head->rtm_type == RTN_UNICAST || kind_of(head->rtm_type)) &&
	       !(head->rtm_flags & RTM_F_CLONED);
}

static void on_route(const struct nlmsghdr *answer, void *arg)
{
	const size_t body = sizeof(struct rtmsg);
	const struct rtmsg *head = NLMSG_DATA(answer);
	struct looking *looking = arg;
	struct look_route route = {};
	const struct rtattr *ways;
	char text[IP_NET_BYTES];
	struct ip_net to = {};
	struct ip via;

	if (answer->nlmsg_type != RTM_NEWROUTE || answer->nlmsg_len < NLMSG_LENGTH(body) ||
	    !is_for_people(answer))
		return;
	to = (struct ip_net){ { .family = head->rtm_family }, head->rtm_dst_len };
	(void)address_read(netlink_find_attr(answer, body, RTA_DST, 4), head->rtm_family, &to.ip);
	route.to = arena_strdup(looking->arena, ip_net_format(&to, text));
	route.kind = kind_of(head->rtm_type);
	route.metric = netlink_find_u32(answer, body, RTA_PRIORITY, 0);
	ways = netlink_find_attr(answer, body, RTA_MULTIPATH, sizeof(struct rtnexthop));
	if (ways) {
		add_ways(looking, &route, ways, head->rtm_family);
		return;
	}
	via = router_of(netlink_find_attr(answer, body, RTA_GATEWAY, 4),
			netlink_find_attr(answer, body, RTA_VIA, 2),
			head->rtm_family);
	add_way(looking, &route, &via, (int)netlink_find_u32(answer, body, RTA_OIF, 0));
}

/* ------------------------------------------------------------------------------- outside */

static void on_netns(const struct nlmsghdr *answer, void *arg)
{
	const struct rtattr *a = netlink_find_attr(answer, sizeof(struct rtgenmsg), NETNSA_NSID,
						   sizeof(int));

	if (answer->nlmsg_type == RTM_NEWNSID && a)
		memcpy(arg, RTA_DATA(a), sizeof(int));
}

/* The number that our own namespace has there; -1: it has none. */
static int number_of_ours(struct netlink *there, int own_fd)
{
	const struct rtgenmsg head = {};
	struct err ignored = {};
	struct netlink_msg msg;
	int number = -1;

	netlink_msg_init(&msg, RTM_GETNSID, 0, &head, sizeof(head));
	netlink_msg_put_u32(&msg, NETNSA_FD, (uint32_t)own_fd);
	return netlink_ask(there, &msg, on_netns, &number, &ignored) < 0 ? -1 : number;
}

static void find_outside(struct looking *looking, struct netlink *there, int own_fd)
{
	auto_netlink struct netlink here = { .fd = -1 };
	const int number = number_of_ours(there, own_fd);
	struct err ignored = {};

	if (number < 0 || netlink_open(&here, &ignored) < 0)
		return;
	for (size_t i = 0; i < looking->links.n; i++) {
		const struct link *link = &looking->links.v[i];
		struct link other;

		if (link->parent_netns == number && link->parent &&
		    link_find_index(&here, link->parent, &other, &ignored) == 0)
			looking->look->interfaces.v[i].outside = valid_text(looking->arena,
									    other.name);
	}
}

/* ------------------------------------------------------------------------------- all of it */

/* For a child, which does not come back from there, and is out of reach of who is root there. 0 or
 * -errno. */
static int open_and_send(int user_fd, int netns_fd, int sock_fd)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct err ignored = {};
	int r;

	if (prctl(PR_SET_DUMPABLE, 0) < 0 || setns(user_fd, CLONE_NEWUSER) < 0 ||
	    setns(netns_fd, CLONE_NEWNET) < 0)
		return -errno;
	r = netlink_open(&nl, &ignored);
	return r < 0 ? r : sock_send(sock_fd, "", 1, nl.fd);
}

static int open_as_owner(int netns_fd, struct netlink *ret)
{
	auto_close int user_fd = -1, ours = -1, childs = -1, pidfd = -1, fd = -1;
	int pair[2], r = ns_owner(netns_fd, &user_fd);
	pid_t pid;
	char byte;

	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	ours = pair[0];
	childs = pair[1];
	pid = clone_process(&(struct clone_request){ .cgroup_fd = -1 }, &pidfd);
	if (pid < 0)
		return (int)pid;
	if (pid == 0)
		_exit(open_and_send(user_fd, netns_fd, childs) < 0);
	closep(&childs);
	childs = -1;
	if (sock_receive(ours, &byte, 1, &fd) == 1 && fd >= 0)
		*ret = (struct netlink){ .fd = take_fd(&fd) };
	(void)clone_wait(pid);
	return ret->fd < 0 ? -EPERM : 0;
}

/* *ret_own_fd: our own namespace, if it is another one. */
static int open_there(int netns_fd, struct netlink *ret, int *ret_own_fd, struct err *err)
{
	auto_close int own_fd = -1;
	struct ns_id there, own;
	int r = ns_open(getpid(), NS_NET, &own_fd, err);

	if (r == 0)
		r = ns_id(own_fd, &own, err);
	if (r == 0)
		r = ns_id(netns_fd, &there, err);
	if (r < 0)
		return r;
	if (own.ino == there.ino && own.dev == there.dev)
		return netlink_open(ret, err);
	*ret_own_fd = take_fd(&own_fd);
	r = netlink_open_in(ret, netns_fd, err);
	return r == -EPERM && open_as_owner(netns_fd, ret) == 0 ? 0 : r;
}

int look_at(int netns_fd, struct arena *arena, struct look *ret, struct err *err)
{
	auto_netlink struct netlink there = { .fd = -1 };
	struct looking looking = { .arena = arena, .look = ret };
	auto_close int own_fd = -1;
	int r;

	*ret = (struct look){};
	r = open_there(netns_fd, &there, &own_fd, err);
	if (r == 0)
		r = netlink_dump(&there, RTM_GETLINK, on_link, &looking, err);
	if (r == 0)
		r = netlink_dump(&there, RTM_GETADDR, on_address, &looking, err);
	if (r == 0)
		r = netlink_dump(&there, RTM_GETROUTE, on_route, &looking, err);
	if (r == 0 && own_fd >= 0)
		find_outside(&looking, &there, own_fd);
	return r < 0 ? err_wrap(err, "look at a network namespace") : 0;
}
