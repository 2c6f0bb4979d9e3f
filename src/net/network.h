/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A network as people make it: DIR/NAME/network.json, with `dir_fd` for DIR. What it is called, its
 * subnets, its options. Who is on it is in the same directory: net/members.h.
 *
 * The strings are in the arena of the network; what was parsed of them stands beside them.
 */

#include "base/arena.h"
#include "base/err.h"
#include "base/ip.h"
#include "net/routes.h"
#include "oci/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NETWORK_DEFAULT "bridge"
#define NETWORK_DEFAULT_INTERFACE "tare0"

#define NETWORK_SUBNETS_MAX 4

struct network_subnet {
	char *subnet;                  /* "10.89.0.0/24" */
	char *gateway;                 /* NULL: none */
	char *range_start, *range_end; /* inclusive; NULL: from the first, to the last */
	struct oci_pairs reserved;     /* docker's auxiliary addresses: a name, an address */

	/* Set by network_check. */
	struct ip_net net;
	struct ip gateway_ip;          /* none where there is no gateway */
	struct ip first, last;         /* what is given to containers; none of them is reserved */
};

struct network_route {
	char *destination, *gateway;
	uint32_t metric; /* 0: none was asked for */

	/* Set by network_check. */
	struct ip_net net;
	struct ip gateway_ip;
};

/* What -o says, parsed. Set by network_check. */
struct network_settings {
	uint32_t mtu;         /* 0: that of the machine's way out */
	uint32_t metric;      /* 0: none was asked for */
	bool no_default_route;
	bool not_isolated;    /* isolate=false */
	bool is_apart;        /* icc=false: its containers don't reach each other */
	bool is_routed;       /* masquerade=false: they go out with their own addresses */
	uint16_t vlan;        /* 0: none */
	struct ip host_ip;    /* where ports are published; none: everywhere */
	const char *mode;     /* of macvlan and ipvlan; "bridge" or "l2" when none was asked for */
};

struct network {
	char *name, *id, *created; /* id: 64 hexadecimal digits; created: RFC 3339 */
	char *driver;              /* "bridge", "macvlan", "ipvlan" */
	char *interface;           /* the bridge; of macvlan and ipvlan the parent, NULL: none */
	OCI_LIST(struct network_subnet) subnets;
	OCI_LIST(struct network_route) routes;
	bool ip6, internal, dns_disabled;
	struct oci_strings dns_servers;
	struct oci_pairs labels, options; /* options: by the names that network_create gives them */
	char *ipam_driver;         /* NULL: "host-local"; "none": containers get no address */

	struct network_settings settings;
};

/* What the machine has already. */
struct network_host {
	const struct host_subnets *subnets; /* NULL: nothing is known */
	bool (*is_taken)(const char *interface, void *arg); /* NULL: no name is */
	void *arg;
};

static inline uint32_t network_mtu(const struct network *network)
{
	return network->settings.mtu;
}

static inline uint32_t network_metric(const struct network *network)
{
	return network->settings.metric;
}

/* Is it kept apart from the other networks? */
static inline bool network_is_isolated(const struct network *network)
{
	return !network->settings.not_isolated;
}

static inline bool network_wants_default_route(const struct network *network)
{
	return !network->settings.no_default_route && !network->internal;
}

bool network_is_bridge(const struct network *network);

/* Do its containers get addresses from us? */
bool network_gives_addresses(const struct network *network);

/* The subnet that `ip` is in, or NULL. */
const struct network_subnet *network_find_subnet(const struct network *network,
						 const struct ip *ip);

/* Does all of it make sense? Sets what is parsed. ERR_USAGE. */
int network_check(struct network *network, struct err *err);

/* A key of -o by the name that we keep it by: "mtu" for "com.docker.network.driver.mtu". NULL:
 * there is none such. */
const char *network_option_name(const char *key);

/*
 * Make one: of `network` what people chose is set. Filled in: name (the first free tareN), id,
 * created, driver ("bridge"), interface (likewise), a free subnet where there is none and one of
 * each family where `ip6` wants it, gateways. ERR_CONFLICT: the name is there, or a subnet or an
 * interface is taken.
 */
int network_create(int dir_fd, struct network *network, const struct network_host *host,
		   struct arena *arena, struct err *err);

/* The default network; it is made now if this is its first use. It cannot be removed. */
int network_ensure_default(int dir_fd, const struct network_host *host, struct arena *arena,
			   struct network **ret, struct err *err);

/* By name, or by the beginning of an id. ERR_NOT_FOUND; ERR_USAGE: more than one begins so. */
int network_open(int dir_fd, const char *who, struct arena *arena, struct network **ret,
		 struct err *err);

/* Its directory, for net/members.h. ERR_NOT_FOUND. */
int network_open_dir(int dir_fd, const char *name, int *ret_fd, struct err *err);

/* 0: go on. Anything else ends the walk and is returned. */
typedef int network_fn(struct network *network, void *arg, struct err *err);

/* Show all, in no order. Each is valid during its call. */
int network_each(int dir_fd, network_fn *fn, void *arg, struct err *err);

struct network_list {
	struct network **v;
	size_t n;
};

/* All of them, in the order of their names and in `arena`. */
int network_list(int dir_fd, struct arena *arena, struct network_list *ret, struct err *err);

/* Let `change` change one that is there, and write it, alone: nobody else changes it meanwhile. By
 * its name, or by the beginning of its id. What made no sense was not written. */
int network_change(int dir_fd, const char *who, network_fn *change, void *arg, struct err *err);

/*
 * Remove the network `name`. When it is sure that nobody is on it and until it is gone nobody can
 * be, `take_down` is called (NULL: nothing is to be done), and if that fails, the network stays.
 * One whose file can't be read goes without it.
 *
 * ERR_NOT_FOUND; ERR_CONFLICT: containers are on it (net/members.h; sweep before), or it is the
 * default network.
 */
int network_remove(int dir_fd, const char *name, network_fn *take_down, void *arg,
		   struct err *err);
