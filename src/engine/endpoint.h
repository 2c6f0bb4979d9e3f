/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A container on one network: its place among the members, which is taken before it is born, and
 * its interface, which it gets when it has a network namespace. Who starts a container does so for
 * each of its networks; who connects one that runs, for one more.
 *
 * What is made here vanishes with the namespace but for that place: it is given back by
 * endpoint_leave, or free when the container is gone (engine_member_is_gone).
 */

#include "engine/config.h"
#include "engine/net_record.h"
#include "engine/network_device.h"

struct endpoint {
	struct network *network;
	struct ip_net ips[2]; /* of IPv4 and IPv6; family 0: none */
	struct mac mac;
	uint32_t mtu; /* network_device_ensure's, from then on */
	struct net_endpoint record; /* for network.json; all of it in the arena */
};

/* What is wished for by whom. All is borrowed. */
struct endpoint_request {
	const struct engine *engine;
	const struct config *config;       /* the container's */
	const struct config_network *wish; /* one of its own, or of who connects it */
	const struct net_record *others;   /* where it is already */
	int networks_fd;                   /* engine_networks_open */
};

/* Take the place. ERR_NOT_FOUND: there is no such network. ERR_CONFLICT: the address is taken, or
 * none is left. ERR_USAGE: it can't be given. */
int endpoint_join(const struct endpoint_request *request, struct arena *arena,
		  struct endpoint *ret, struct err *err);

/* Where the container's namespace is: `inside` was opened in it. */
struct endpoint_place {
	struct network_place host;
	int netns_fd;
	struct netlink *inside;
};

/*
 * Make the interface, with addresses and routes; on failure there is none. What the network has of
 * devices stands by now, and the MTU is that of it. The calling process must be single-threaded: it
 * goes to the container's network namespace for a moment.
 *
 * ERR_CONFLICT: an interface of that name is there already, on either side.
 */
int endpoint_attach(const struct endpoint *endpoint, const struct endpoint_place *place,
		    struct err *err);

/* Take the interface away, while the container goes on. 0 also if there is none. */
int endpoint_detach(const struct net_endpoint *record, const struct endpoint_place *place,
		    struct err *err);

/* One that has its place, as network.json has it. ERR_NOT_FOUND: its network is gone. */
int endpoint_open(const struct net_endpoint *record, int networks_fd, struct arena *arena,
		  struct endpoint *ret, struct err *err);

/* See to it that it has its interface, and that this is where it should be. */
int endpoint_repair(const struct endpoint *endpoint, const struct endpoint_place *place,
		    struct err *err);

/* It has another name, that of `config`: in record->names, and for those who look for it. Who is
 * not there has none. */
int endpoint_rename(struct net_endpoint *record, const struct config *config, int networks_fd,
		    struct arena *arena, struct err *err);

/* Give the place back. Who is not there has left it. */
int endpoint_leave(int networks_fd, const char *network, const char *id, struct err *err);
