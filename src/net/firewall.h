/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Packet filter and address translation of tare's networks: the nf_tables table `inet tare` of the
 * namespace in which the socket was opened. nft(8).
 *
 * Ports are published for all addresses of the host or for one; a container reaches them too, and
 * the host itself by 127.0.0.1 (which needs net.ipv4.conf.BRIDGE.route_localnet), but not by ::1,
 * which net/splices.h is for. That a container reaches its own published port needs the hairpin
 * mode of its bridge port, where br_netfilter is on (net/veth.h).
 * Networks are isolated from each other and from the outside; of an internal network nothing goes
 * out. The chain `user` is the administrator's: all forwarded packets pass it first, and its rules
 * are never touched. All other chains without a hook that are not ours, and sets, are left alone
 * too, since those rules may name them.
 */

#include "base/err.h"
#include "base/ip.h"
#include "sys/nft.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIREWALL_NETS 4

struct firewall_network {
	const char *bridge; /* the name of its device */
	bool internal;	    /* nothing goes out or comes in */
	bool open;	    /* other networks that are open reach it */
	bool apart;	    /* its containers don't reach each other, nor by published ports */
	bool routed;	    /* they go out with their own addresses */
	struct ip_net nets[FIREWALL_NETS];
	size_t n_nets;
};

struct firewall_port {
	uint8_t proto;	   /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP */
	struct ip host_ip; /* family 0: all addresses of the family of `to` */
	uint16_t host_port;
	struct ip to;
	uint16_t to_port;
};

/* The table stands, whole and of this layout. 1: it was made (anew), and is empty: networks and
 * ports are to be added, and its guard is off. 0: it stood already; that is found out in some
 * microseconds. 2: so it did, and its guard is on. */
int firewall_ensure(struct nft *nft, struct err *err);

/* All but `user` anew, and empty. */
int firewall_reset(struct nft *nft, struct err *err);

/*
 * The guard: published ports are led to containers before the host's own input chains see a packet.
 * With it what begins a connection to one from outside, neither from one of the bridges nor from
 * the host itself, is let in only if the chain `user` accepts it. Idempotent; waits some
 * milliseconds.
 */
int firewall_guard(struct nft *nft, bool is_on, struct err *err);

/* Is there a chain of somebody else's on the input hook, of IPv4, IPv6 or both, whose policy is to
 * drop, or whose last rule drops or rejects all, as firewalld's? A table that sleeps counts too. */
int firewall_input_is_dropped(struct nft *nft, bool *ret_is_dropped, struct err *err);

/* Both are idempotent. Networks must not overlap. Removing waits some milliseconds. */
int firewall_add_network(struct nft *nft, const struct firewall_network *network, struct err *err);
int firewall_remove_network(struct nft *nft, const struct firewall_network *network,
			    struct err *err);

/*
 * Publish all of `ports` or none. `container_id` is at most NFT_COMMENT_MAX bytes.
 *
 * -EEXIST, ERR_CONFLICT: a port is taken; the message names it and who has it. ERR_USAGE: of a
 * port's two addresses one is IPv4 and the other is not, a port is 0, or a port stands in `ports`
 * twice.
 */
int firewall_publish(struct nft *nft, const char *container_id, const struct firewall_port *ports,
		     size_t n, struct err *err);

/* All ports of that container. 0 also if there is none. Waits some milliseconds if there is. */
int firewall_withdraw(struct nft *nft, const char *container_id, struct err *err);

/* Every port that is published; also -ENOENT if there is no table. `fn` may use the socket. */
int firewall_each_port(struct nft *nft,
		       void (*fn)(const struct firewall_port *port, const char *container_id,
				  void *arg),
		       void *arg, struct err *err);

/*
 * Lead what is sent to 127.0.0.11, port 53, to the given ports there, and what they answer back, in
 * the namespace of `inside`: by rewriting packets one by one, so that nothing is tracked. Port 53
 * of all addresses stays free for others. Idempotent.
 */
int firewall_redirect_dns(struct nft *inside, uint16_t udp_port, uint16_t tcp_port,
			  struct err *err);
