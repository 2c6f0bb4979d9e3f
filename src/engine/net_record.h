/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a container has of networks while it runs: network.json in its entry, written by its monitor
 * before it starts and by whoever connects it to another network; gone when it has ended.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "net/port.h"
#include "oci/types.h"

#include <stdbool.h>
#include <stdint.h>

struct net_endpoint {
	char *network, *network_id;      /* the name and the id of the network */
	bool is_internal;                /* the network: nothing from outside is led there */
	char *interface, *host_interface; /* inside: "eth0"; the other end, "" if there is none */
	char *ip, *ip6;                  /* with the network's bits: "10.88.0.2/16"; NULL: none */
	char *gateway, *gateway6;        /* NULL: none */
	char *mac;
	uint32_t metric;                 /* of its default routes */
	bool metric_is_wished;           /* by the network; else it is the next that is free */
	struct oci_strings names; /* by which it is found there, its own the first */
};

/* Ports of the host that lead to the container, `count` in a row. */
struct net_port {
	char *protocol; /* "tcp", "udp", "sctp" */
	char *host_ip;  /* NULL: all addresses */
	uint32_t host_port, port, count;
};

struct net_record {
	OCI_LIST(struct net_endpoint) endpoints; /* in the order in which it was connected */
	OCI_LIST(struct net_port) ports;
};

/* An endpoint has at least a network and an interface. */
int net_record_parse(const char *json, size_t len, struct arena *arena, struct net_record **ret,
		     struct err *err);
void net_record_format(const struct net_record *record, struct buf *out);

/* ------------------------------------------------------------------------------- its values */

/* Has it another end on the host, which is a port of a bridge? */
bool net_endpoint_is_bridged(const struct net_endpoint *endpoint);

/* Its addresses of IPv4 and of IPv6; family 0: it has none. */
void net_endpoint_ips(const struct net_endpoint *endpoint, struct ip ret[static 2]);

/* False: a record that was damaged may say anything, and *ret is left alone. */
bool net_port_read(const struct net_port *port, struct port *ret);

/* The other way; what it points to is in `arena`. The host's port is known. */
struct net_port net_port_of(const struct port *port, struct arena *arena);

/* The text of an address, in `arena`; of none NULL. */
char *net_record_ip(const struct ip *ip, struct arena *arena);
