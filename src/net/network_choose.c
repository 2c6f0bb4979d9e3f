/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A subnet, an interface and a gateway for a network, with regard to those that others have: the
 * other networks, and the machine as far as it is known.
 */
#include "net/network_choose.h"

#include "oci/list.h"

#include <stdio.h>
#include <string.h>

/* What others have: subnets, and names of interfaces. */
struct others {
	struct arena *arena;
	const struct network_host *host;
	OCI_LIST(struct subnet_use) uses;
	struct oci_strings interfaces;
};

static int add_other(struct network *network, void *arg, struct err *err)
{
	struct others *others = arg;
	const char *by = arena_printf(others->arena, "network '%s'", network->name);

	(void)err;
	for (size_t i = 0; i < network->subnets.n; i++)
		*list_add(&others->uses, others->arena) =
			(struct subnet_use){ network->subnets.v[i].net, by };
	if (network_is_bridge(network) && network->interface)
		strings_add(&others->interfaces, others->arena,
			    arena_strdup(others->arena, network->interface));
	return 0;
}

/* What is there on an interface of that very name was ours, or is meant to be used. */
static void add_host(struct others *others, const char *interface)
{
	const struct host_subnets *subnets = others->host ? others->host->subnets : NULL;

	for (size_t i = 0; subnets && i < subnets->n; i++) {
		const struct host_subnet *s = &subnets->v[i];
		const char *by = *s->ifname ? arena_printf(others->arena, "interface '%s'",
							   s->ifname)
					    : "a route of this machine";

		if (!interface || strcmp(interface, s->ifname) != 0)
			*list_add(&others->uses, others->arena) = (struct subnet_use){ s->net, by };
	}
}

static int choose_interface(const struct others *others, struct network *network, struct err *err)
{
	const struct network_host *host = others->host;
	char name[16];

	if (!network_is_bridge(network))
		return 0;
	if (network->interface)
		return strings_have(&others->interfaces, network->interface)
			       ? err_set(err, ERR_CONFLICT, EEXIST,
					 "interface '%s' is another network's", network->interface)
			       : 0;
	for (unsigned i = 1; i < 100000; i++) {
		(void)snprintf(name, sizeof(name), "tare%u", i);
		if (strings_have(&others->interfaces, name) ||
		    (host && host->is_taken && host->is_taken(name, host->arg)))
			continue;
		network->interface = arena_strdup(others->arena, name);
		return 0;
	}
	return err_set(err, ERR_CONFLICT, EEXIST, "no name is left for a bridge");
}

/* "parent" and a bridge's "name" are its interface. */
static void take_interface(struct network *network)
{
	for (size_t i = 0; i < network->options.n && !network->interface; i++) {
		const char *name = network_option_name(network->options.v[i].key);

		if (name && (strcmp(name, "name") == 0 || strcmp(name, "parent") == 0))
			network->interface = network->options.v[i].value;
	}
}

/* Options are kept by one name each. */
static void keep_names(struct network *network, struct arena *arena)
{
	for (size_t i = 0; i < network->options.n; i++) {
		const char *name = network_option_name(network->options.v[i].key);

		if (name)
			network->options.v[i].key = arena_strdup(arena, name);
	}
}

static void add_subnet(struct network *network, const struct ip_net *net, struct arena *arena)
{
	struct network_subnet *v = arena_array(arena, struct network_subnet,
					       network->subnets.n + 1);
	char text[IP_NET_BYTES];

	if (network->subnets.n)
		memcpy(v, network->subnets.v, network->subnets.n * sizeof(*v));
	v[network->subnets.n].subnet = arena_strdup(arena, ip_net_format(net, text));
	network->subnets.v = v;
	network->subnets.n++;
}

static bool has_family(const struct network *network, uint8_t family)
{
	for (size_t i = 0; i < network->subnets.n; i++)
		if (network->subnets.v[i].net.ip.family == family)
			return true;
	return false;
}

static int choose_subnets(const struct others *others, const struct subnet_pools *pools,
			  bool is_dual, struct network *network, struct err *err)
{
	const struct subnet_uses uses = { others->uses.v, others->uses.n };
	struct ip_net net;
	int r = 0;

	/* Of a parent's network, its administrator knows which part is free. */
	for (size_t i = 0; r == 0 && network_is_bridge(network) && i < network->subnets.n; i++)
		r = subnet_check_clash(&network->subnets.v[i].net, &uses, err);
	if (r < 0 || !network_gives_addresses(network))
		return r;
	if (!network->subnets.n || (is_dual && !has_family(network, AF_INET))) {
		r = subnet_find_free(pools, &uses, &net, err);
		if (r < 0)
			return r;
		add_subnet(network, &net, others->arena);
	}
	if (is_dual && !has_family(network, AF_INET6)) {
		r = subnet_find_free6(&uses, &net, err);
		if (r < 0)
			return r;
		add_subnet(network, &net, others->arena);
	}
	return 0;
}

/* The first address, unless it says otherwise. */
static int choose_gateways(struct network *network, struct arena *arena, struct err *err)
{
	int r = network_check(network, err);

	for (size_t i = 0; r == 0 && i < network->subnets.n; i++) {
		struct network_subnet *subnet = &network->subnets.v[i];
		const struct ip first = ip_net_first(&subnet->net), ip = ip_add(&first, 1);
		char text[IP_BYTES];

		if (subnet->gateway || (network->internal && !network_is_bridge(network)))
			continue;
		if (subnet->net.bits + 2u > 8 * ip_len(&ip))
			return err_set(err, ERR_USAGE, EINVAL,
				       "subnet '%s' has no room for a gateway and containers",
				       subnet->subnet);
		subnet->gateway = arena_strdup(arena, ip_format(&ip, text));
	}
	return r < 0 ? r : network_check(network, err);
}

int network_choose(int dir_fd, struct network *network, const struct subnet_pools *pools,
		   const struct network_host *host, struct arena *arena, struct err *err)
{
	struct others others = { .arena = arena, .host = host };
	const bool is_dual = network->ip6; /* a subnet of IPv6 alone makes it no such network */
	int r;

	if (!network->driver)
		network->driver = arena_strdup(arena, "bridge");
	take_interface(network);
	r = network_check(network, err);
	if (r == 0)
		r = network_each(dir_fd, add_other, &others, err);
	if (r < 0)
		return r;
	add_host(&others, network->interface);
	r = choose_interface(&others, network, err);
	if (r == 0)
		r = choose_subnets(&others, pools, is_dual, network, err);
	if (r == 0)
		r = choose_gateways(network, arena, err);
	if (r == 0)
		keep_names(network, arena);
	return r;
}
