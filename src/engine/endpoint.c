/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joining is policy: which names, addresses and interfaces a container has on a network. Attaching
 * is left to the network's driver, of which there is one line here.
 */
#include "engine/endpoint.h"

#include "base/cleanup.h"
#include "net/link.h"
#include "net/macvlan.h"
#include "net/uplink.h"
#include "net/veth.h"
#include "oci/list.h"

#include <stdio.h>
#include <string.h>

#define N_FAMILIES 2
#define DEFAULT_METRIC 100 /* podman's */

/* ------------------------------------------------------------------------------- names */

/* By which it is found: its own first. (By the beginning of its id it is found anyway.) */
static void add_names(const struct endpoint_request *request, struct arena *arena,
		      struct oci_strings *names)
{
	const struct config *config = request->config;
	const struct oci_strings *aliases = &request->wish->aliases;

	strings_add(names, arena, config->name);
	for (size_t i = 0; i < aliases->n; i++)
		if (!strings_have(names, aliases->v[i]))
			strings_add(names, arena, aliases->v[i]);
	if (config->hostname && member_name_is_sound(config->hostname) &&
	    !strings_have(names, config->hostname))
		strings_add(names, arena, config->hostname);
}

static bool is_used(const struct endpoint_request *request, const char *name)
{
	for (size_t i = 0; i < request->others->endpoints.n; i++)
		if (strcmp(request->others->endpoints.v[i].interface, name) == 0)
			return true;
	for (size_t i = 0; i < request->config->networks.n; i++) {
		const char *wished = request->config->networks.v[i].interface_name;

		if (wished && strcmp(wished, name) == 0)
			return true;
	}
	return false;
}

/* The first ethN that neither is there nor will be. */
static char *choose_interface(const struct endpoint_request *request, struct arena *arena)
{
	char name[IF_NAMESIZE];
	unsigned number = 0;

	if (request->wish->interface_name)
		return request->wish->interface_name;
	do
		(void)snprintf(name, sizeof(name), "eth%u", number++);
	while (is_used(request, name));
	return arena_strdup(arena, name);
}

/* Only a bridge's has another end. */
static int choose_host_interface(const struct network *network, const struct config_network *wish,
				 struct arena *arena, char **ret, struct err *err)
{
	char name[IF_NAMESIZE] = "";
	int r = 0;

	if (network_is_bridge(network) && !wish->host_interface_name)
		r = link_make_name("veth", name, err);
	*ret = network_is_bridge(network) && wish->host_interface_name
		       ? wish->host_interface_name
		       : arena_strdup(arena, name);
	return r;
}

/* ------------------------------------------------------------------------------- the way out */

static bool is_metric(const struct net_record *record, uint32_t metric)
{
	for (size_t i = 0; i < record->endpoints.n; i++)
		if (record->endpoints.v[i].metric == metric)
			return true;
	return false;
}

/* The way out is by the first network that has one, for as long as that is there, and the last one
 * is used last: who comes to a network keeps the connections that he has. */
static void choose_metric(const struct net_record *others, const struct network *network,
			  struct net_endpoint *record)
{
	uint32_t metric = DEFAULT_METRIC;

	for (size_t i = 0; i < others->endpoints.n; i++) {
		const struct net_endpoint *other = &others->endpoints.v[i];

		if (!other->metric_is_wished && other->metric >= metric)
			metric = other->metric + 1;
	}
	while (is_metric(others, metric))
		metric++;
	record->metric_is_wished = network_metric(network);
	record->metric = record->metric_is_wished ? network_metric(network) : metric;
}

/* ------------------------------------------------------------------------------- joining */

static int parse_wish(const struct config_network *wish, struct member *m, struct err *err)
{
	int r = 0;

	if (wish->ip)
		r = ip_parse(wish->ip, &m->ip, err);
	if (r == 0 && wish->ip6)
		r = ip_parse(wish->ip6, &m->ip6, err);
	if (r == 0 && wish->mac)
		r = mac_parse(wish->mac, &m->mac, err);
	return r;
}

static int take_place(const struct endpoint_request *request, struct endpoint *endpoint,
		      struct err *err)
{
	const struct net_endpoint *record = &endpoint->record;
	struct member m = { .id = request->config->id, .interface = record->host_interface,
			    .names = (const char *const *)record->names.v,
			    .n_names = record->names.n };
	auto_close int dir_fd = -1;
	int r = parse_wish(request->wish, &m, err);

	if (!*m.interface)
		m.interface = NULL;
	if (r == 0)
		r = network_open_dir(request->networks_fd, endpoint->network->name, &dir_fd, err);
	if (r == 0)
		r = members_join(dir_fd, endpoint->network, &m, engine_member_is_cleared,
				 (void *)(uintptr_t)request->engine, err);
	if (r < 0)
		return r;
	endpoint->ips[0].ip = m.ip;
	endpoint->ips[1].ip = m.ip6;
	endpoint->mac = m.mac;
	return 0;
}

static char *format_net(const struct ip_net *net, struct arena *arena)
{
	char text[IP_NET_BYTES];

	return ip_is_set(&net->ip) ? arena_strdup(arena, ip_net_format(net, text)) : NULL;
}

static const struct ip *gateway_of(const struct endpoint *endpoint, int family)
{
	static const struct ip none;
	const struct network_subnet *subnet =
		network_find_subnet(endpoint->network, &endpoint->ips[family].ip);

	return subnet ? &subnet->gateway_ip : &none;
}

/* What follows from the addresses. The MAC of ipvlan is its parent's. */
static void describe(struct endpoint *endpoint, struct arena *arena)
{
	struct net_endpoint *record = &endpoint->record;
	char mac[MAC_BYTES];

	for (int i = 0; i < N_FAMILIES; i++) {
		const struct network_subnet *subnet =
			network_find_subnet(endpoint->network, &endpoint->ips[i].ip);

		if (subnet)
			endpoint->ips[i].bits = subnet->net.bits;
	}
	record->ip = format_net(&endpoint->ips[0], arena);
	record->ip6 = format_net(&endpoint->ips[1], arena);
	record->gateway = net_record_ip(gateway_of(endpoint, 0), arena);
	record->gateway6 = net_record_ip(gateway_of(endpoint, 1), arena);
	if (mac_is_set(&endpoint->mac) && strcmp(endpoint->network->driver, "ipvlan") != 0)
		record->mac = arena_strdup(arena, mac_format(&endpoint->mac, mac));
}

int endpoint_join(const struct endpoint_request *request, struct arena *arena,
		  struct endpoint *ret, struct err *err)
{
	struct endpoint endpoint = {};
	struct net_endpoint *record = &endpoint.record;
	int r = engine_network_open(request->networks_fd, request->wish->name, arena,
				    &endpoint.network, err);

	if (r == -ENOENT)
		return err_hint(err, "'tare network ls' shows the networks there are");
	if (r < 0)
		return r;
	record->network = endpoint.network->name;
	record->network_id = endpoint.network->id;
	record->is_internal = endpoint.network->internal;
	record->interface = choose_interface(request, arena);
	r = choose_host_interface(endpoint.network, request->wish, arena,
				  &record->host_interface, err);
	add_names(request, arena, &record->names);
	choose_metric(request->others, endpoint.network, record);
	if (r == 0)
		r = take_place(request, &endpoint, err);
	if (r < 0)
		return r;
	describe(&endpoint, arena);
	*ret = endpoint;
	return 0;
}

int endpoint_leave(int networks_fd, const char *network, const char *id, struct err *err)
{
	auto_close int dir_fd = -1;
	int r = network_open_dir(networks_fd, network, &dir_fd, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = members_leave(dir_fd, id, err);
	return r < 0 ? err_wrap(err, "network '%s'", network) : 0;
}

int endpoint_rename(struct net_endpoint *record, const struct config *config, int networks_fd,
		    struct arena *arena, struct err *err)
{
	struct oci_strings names = {};
	auto_close int dir_fd = -1;
	int r = network_open_dir(networks_fd, record->network, &dir_fd, err);

	strings_add(&names, arena, config->name);
	for (size_t i = 1; i < record->names.n; i++)
		if (!strings_have(&names, record->names.v[i]))
			strings_add(&names, arena, record->names.v[i]);
	record->names = names;
	if (r == 0)
		r = members_rename(dir_fd, config->id, (const char *const *)names.v, names.n, err);
	return r == -ENOENT ? 0 : r;
}

/* ------------------------------------------------------------------------------- attaching */

static struct veth veth_of(const struct endpoint *endpoint, const struct inside *inside)
{
	return (struct veth){ .host_name = endpoint->record.host_interface,
			      .bridge = endpoint->network->interface,
			      .mac = endpoint->mac,
			      .mtu = endpoint->mtu,
			      .is_isolated = endpoint->network->settings.is_apart,
			      .inside = *inside };
}

static int attach_veth(const struct endpoint *endpoint, const struct endpoint_place *place,
		       const struct inside *inside, struct err *err)
{
	const struct veth veth = veth_of(endpoint, inside);
	char host_name[IF_NAMESIZE];

	return veth_attach(place->host.nl, place->netns_fd, place->inside, &veth, host_name, err);
}

/* A network that names no parent has the machine's way out. */
static int find_parent(const struct endpoint_place *place, struct uplink *ret, struct err *err)
{
	int r = uplink_find(place->host.nl, ret, err);

	return r != 1 ? r
		      : err_set(err, ERR_NOT_FOUND, ENODEV,
				"it names no parent, and the machine has no way out that could be "
				"it");
}

static int attach_macvlan(const struct endpoint *endpoint, const struct endpoint_place *place,
			  const struct inside *inside, struct err *err)
{
	const struct network *network = endpoint->network;
	struct macvlan macvlan = { .parent = network->interface, .mac = endpoint->mac,
				   .mtu = endpoint->mtu, .inside = *inside };
	struct uplink uplink;
	int r = macvlan_mode_parse(network->driver, network->settings.mode, &macvlan.mode, err);

	if (r == 0 && !macvlan.parent) {
		r = find_parent(place, &uplink, err);
		macvlan.parent = uplink.name;
	}
	return r < 0 ? r
		     : macvlan_attach(place->host.nl, place->netns_fd, place->inside, &macvlan,
				      err);
}

static const struct driver {
	const char *name;
	int (*attach)(const struct endpoint *endpoint, const struct endpoint_place *place,
		      const struct inside *inside, struct err *err);
} drivers[] = {
	{ "bridge", attach_veth },
	{ "macvlan", attach_macvlan },
	{ "ipvlan", attach_macvlan },
};

static const struct driver *find_driver(const char *name)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (strcmp(drivers[i].name, name) == 0)
			return &drivers[i];
	return NULL;
}

static const struct inside_route *copy_routes(const struct network *network, struct arena *arena)
{
	struct inside_route *routes = arena_array(arena, struct inside_route, network->routes.n);

	for (size_t i = 0; i < network->routes.n; i++) {
		const struct network_route *route = &network->routes.v[i];

		routes[i] = (struct inside_route){ route->net, route->gateway_ip, route->metric };
	}
	return routes;
}

int endpoint_attach(const struct endpoint *endpoint, const struct endpoint_place *place,
		    struct err *err)
{
	const struct network *network = endpoint->network;
	const struct driver *driver = find_driver(network->driver);
	auto_arena struct arena arena = {};
	struct inside inside = { .name = endpoint->record.interface,
				 .routes = copy_routes(network, &arena),
				 .n_routes = network->routes.n,
				 .metric = endpoint->record.metric };
	int r;

	for (int i = 0; i < N_FAMILIES; i++) {
		inside.addresses[i] = endpoint->ips[i];
		if (network_wants_default_route(network))
			inside.gateways[i] = *gateway_of(endpoint, i);
	}
	if (!driver)
		r = err_set(err, ERR_USAGE, EINVAL, "there is no driver '%s'", network->driver);
	else
		r = driver->attach(endpoint, place, &inside, err);
	return r < 0 ? err_wrap(err, "network '%s'", network->name) : 0;
}

/* ------------------------------------------------------------------------------- later */

/* Whatever is there by that name: only what hangs on one of the host's is a network's. */
static int detach_macvlan(struct netlink *inside, const char *name, struct err *err)
{
	struct link link;
	int r = link_find(inside, name, &link, err);

	if (r != 0)
		return r < 0 ? r : 0;
	if (strcmp(link.kind, "macvlan") != 0 && strcmp(link.kind, "ipvlan") != 0)
		return 0;
	return link_remove(inside, name, link.kind, err);
}

int endpoint_detach(const struct net_endpoint *record, const struct endpoint_place *place,
		    struct err *err)
{
	int r;

	if (net_endpoint_is_bridged(record))
		r = veth_detach(place->host.nl, record->host_interface, err);
	else
		r = detach_macvlan(place->inside, record->interface, err);
	return r < 0 ? err_wrap(err, "network '%s'", record->network) : 0;
}

static int parse_net(const char *text, struct ip_net *ret, struct err *err)
{
	return text ? ip_net_parse(text, ret, err) : 0;
}

int endpoint_open(const struct net_endpoint *record, int networks_fd, struct arena *arena,
		  struct endpoint *ret, struct err *err)
{
	struct endpoint endpoint = { .record = *record };
	int r = network_open(networks_fd, record->network, arena, &endpoint.network, err);

	if (r == 0)
		r = parse_net(record->ip, &endpoint.ips[0], err);
	if (r == 0)
		r = parse_net(record->ip6, &endpoint.ips[1], err);
	if (r == 0 && record->mac)
		r = mac_parse(record->mac, &endpoint.mac, err);
	if (r == 0)
		*ret = endpoint;
	return r;
}

/* 1: it has none. */
static int find_interface(const struct endpoint *endpoint, const struct endpoint_place *place,
			  struct err *err)
{
	const struct veth veth = veth_of(endpoint, &(struct inside){});
	struct link link;

	if (net_endpoint_is_bridged(&endpoint->record))
		return veth_plug(place->host.nl, &veth, err);
	return link_find(place->inside, endpoint->record.interface, &link, err);
}

int endpoint_repair(const struct endpoint *endpoint, const struct endpoint_place *place,
		    struct err *err)
{
	int r = find_interface(endpoint, place, err);

	if (r < 0)
		return err_wrap(err, "network '%s'", endpoint->record.network);
	return r == 1 ? endpoint_attach(endpoint, place, err) : 0;
}
