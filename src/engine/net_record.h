/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a container has of networks while it runs: network.json in its entry, written by its monitor
 * before it starts and by whoever connects it to another network; gone when it has ended.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "oci/types.h"

#include <stdbool.h>
#include <stdint.h>

struct net_endpoint {
	char *network, *network_id;      /* the name and the id of the network */
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
