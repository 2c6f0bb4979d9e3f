/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel tells of all flows by UDP (an old one of all there are), we choose, and each that is
 * chosen is deleted by its own addresses, ports and number. A request to delete that names none
 * would empty the whole table: there is no way here to make one without.
 *
 * Flows that only pass the host, to the same port elsewhere, are not ours. Whether an address is
 * the host's is asked by binding a socket to it.
 */
#include "net/conntrack.h"

#include "sys/netlink.h"
#include "sys/sock_address.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>

/* Of the attributes of CTA_TUPLE_ORIG, by which the kernel is to choose; its own name for it is
 * not in its headers for us. */
#define FILTER_PROTO_NUM (1U << 3)

#define BATCH_MAX  1024 /* what a socket sends at once */
#define ROUNDS_MAX 64

#define MESSAGE(type) (NFNL_SUBSYS_CTNETLINK << 8 | (type))

struct flush {
	const struct port *ports;
	size_t n_ports;
	struct netlink_batch batch;
	bool has_more; /* than a batch takes */
	struct ip asked; /* whether it is the host's */
	bool is_ours;
};

/* ------------------------------------------------------------------------------- choosing */

static bool is_local(struct flush *flush, const struct ip *ip)
{
	union sock_address at;
	const socklen_t len = sock_address_fill(ip, 0, &at);
	auto_close int fd = -1;

	if (ip_compare(&flush->asked, ip) == 0)
		return flush->is_ours;
	fd = socket(ip->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	flush->asked = *ip;
	flush->is_ours = fd >= 0 && bind(fd, &at.any, len) == 0;
	return flush->is_ours;
}

static bool is_chosen(struct flush *flush, const struct ip *ip, uint16_t host_port)
{
	for (size_t i = 0; i < flush->n_ports; i++) {
		const struct port *port = &flush->ports[i];

		if (port->proto != IPPROTO_UDP || host_port < port->host_port ||
		    host_port - port->host_port >= port->n ||
		    !port_addresses_overlap(&port->host_ip, ip))
			continue;
		if (!ip_is_any(&port->host_ip) || is_local(flush, ip))
			return true;
	}
	return false;
}

/* Where a flow was sent to by who began it. false: it is none of UDP. */
static bool read_target(const struct rtattr *tuple, struct ip *ret_ip, uint16_t *ret_port)
{
	const struct rtattr *ips = netlink_find_inner(tuple, CTA_TUPLE_IP, 1),
			    *proto = netlink_find_inner(tuple, CTA_TUPLE_PROTO, 1);
	const struct rtattr *v4 = ips ? netlink_find_inner(ips, CTA_IP_V4_DST, 4) : NULL,
			    *v6 = ips ? netlink_find_inner(ips, CTA_IP_V6_DST, 16) : NULL,
			    *number = proto ? netlink_find_inner(proto, CTA_PROTO_NUM, 1) : NULL,
			    *port = proto ? netlink_find_inner(proto, CTA_PROTO_DST_PORT, 2)
					  : NULL;
	uint16_t be_port;

	if (!number || *(const uint8_t *)RTA_DATA(number) != IPPROTO_UDP || !port || (!v4 && !v6))
		return false;
	*ret_ip = (struct ip){ .family = v4 ? AF_INET : AF_INET6 };
	memcpy(ret_ip->bytes, RTA_DATA(v4 ? v4 : v6), ip_len(ret_ip));
	memcpy(&be_port, RTA_DATA(port), sizeof(be_port));
	*ret_port = ntohs(be_port);
	return true;
}

/* ------------------------------------------------------------------------------- messages */

static void copy_attr(struct netlink_msg *msg, const struct rtattr *attr)
{
	netlink_msg_put(msg, attr->rta_type, RTA_DATA(attr), RTA_PAYLOAD(attr));
}

/* The flow by all that tells it from others. */
static void add_delete(struct flush *flush, const struct nlmsghdr *flow, const struct rtattr *tuple,
		       uint16_t host_port)
{
	const struct nfgenmsg *from = NLMSG_DATA(flow);
	const struct nfgenmsg body = { .nfgen_family = from->nfgen_family };
	const struct rtattr *id = netlink_find_attr(flow, sizeof(body), CTA_ID, 4),
			    *zone = netlink_find_attr(flow, sizeof(body), CTA_ZONE, 2);
	struct netlink_msg msg;

	netlink_msg_init(&msg, MESSAGE(IPCTNL_MSG_CT_DELETE), 0, &body, sizeof(body));
	copy_attr(&msg, tuple);
	if (id)
		copy_attr(&msg, id);
	if (zone)
		copy_attr(&msg, zone);
	netlink_batch_add(&flush->batch, &msg, "forget a flow to port %u/udp", host_port);
}

static void on_flow(const struct nlmsghdr *flow, void *arg)
{
	struct flush *flush = arg;
	const struct rtattr *tuple =
		netlink_find_attr(flow, sizeof(struct nfgenmsg), CTA_TUPLE_ORIG, 1);
	uint16_t host_port;
	struct ip ip;

	if (flow->nlmsg_type != MESSAGE(IPCTNL_MSG_CT_NEW) || !tuple ||
	    !read_target(tuple, &ip, &host_port) || !is_chosen(flush, &ip, host_port))
		return;
	if (flush->batch.n == BATCH_MAX)
		flush->has_more = true;
	else
		add_delete(flush, flow, tuple, host_port);
}

/* Of the flows, those by UDP: all others needn't even be written down for us. The kernel can say
 * that of one family at a time. */
static int list(struct netlink *netfilter, uint8_t family, struct flush *flush, struct err *err)
{
	const struct nfgenmsg body = { .nfgen_family = family };
	struct netlink_msg msg;
	size_t outer, inner;

	netlink_msg_init(&msg, MESSAGE(IPCTNL_MSG_CT_GET), NLM_F_DUMP, &body, sizeof(body));
	outer = netlink_msg_begin(&msg, CTA_TUPLE_ORIG);
	inner = netlink_msg_begin(&msg, CTA_TUPLE_PROTO);
	netlink_msg_put_u8(&msg, CTA_PROTO_NUM, IPPROTO_UDP);
	netlink_msg_end(&msg, inner);
	netlink_msg_end(&msg, outer);
	outer = netlink_msg_begin(&msg, CTA_FILTER);
	netlink_msg_put_u32(&msg, CTA_FILTER_ORIG_FLAGS, FILTER_PROTO_NUM);
	netlink_msg_put_u32(&msg, CTA_FILTER_REPLY_FLAGS, 0);
	netlink_msg_end(&msg, outer);
	return netlink_ask(netfilter, &msg, on_flow, flush, err);
}

/* ------------------------------------------------------------------------------- the whole */

static int flush_some(struct netlink *netfilter, struct flush *flush, struct err *err)
{
	int r;

	flush->has_more = false;
	r = list(netfilter, AF_INET, flush, err);
	if (r == 0)
		r = list(netfilter, AF_INET6, flush, err);
	if (r == 0)
		r = netlink_batch_send(netfilter, &flush->batch, err);
	netlink_batch_done(&flush->batch);
	return r == -ENOENT ? 0 : r; /* it ended by itself meanwhile */
}

int conntrack_flush(const struct port *ports, size_t n, struct err *err)
{
	auto_netlink struct netlink netfilter = { .fd = -1 };
	struct flush flush = { .ports = ports, .n_ports = n, .has_more = false };
	int r = 0;

	for (size_t i = 0; i < n; i++)
		flush.has_more |= ports[i].proto == IPPROTO_UDP;
	if (flush.has_more)
		r = netlink_open_netfilter(&netfilter, err);
	for (int i = 0; i < ROUNDS_MAX && flush.has_more && r == 0; i++)
		r = flush_some(&netfilter, &flush, err);
	return r < 0 ? err_wrap(err, "forget flows to published ports") : 0;
}
