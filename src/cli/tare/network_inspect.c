/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that is known of a network, with docker's member names, so that scripts which read those go
 * on working. `DNSEnabled`, `NetworkDNSServers`, `NetworkInterface` and `Routes` are podman's.
 */
#include "cli/tare/network_inspect.h"

#include "cli/tare/shape.h"
#include "engine/network.h"
#include "oci/list.h"

struct inspect_subnet {
	const char *subnet, *range, *gateway;
	struct oci_pairs reserved;
};

struct inspect_member {
	const char *id, *name, *mac, *ip, *ip6;
	struct shape_nothing none;
};

/* What the tables are of. */
struct network_inspect {
	struct network network;
	struct shape_nothing none;
	const char *scope, *ipam_driver;
	bool has_ip4, has_dns;
	OCI_LIST(struct inspect_subnet) subnets;
	OCI_LIST(struct inspect_member) members;
};

#define OF(member, json, what)   SHAPE(network_inspect, member, json, what)
#define NETWORK(member, json, what) SHAPE(network_inspect, network.member, json, what)

static const struct schema_field subnet_fields[] = {
	SHAPE(inspect_subnet, subnet, "Subnet", STRING),
	SHAPE(inspect_subnet, range, "IPRange", STRING),
	SHAPE(inspect_subnet, gateway, "Gateway", STRING),
	SHAPE_MAYBE(inspect_subnet, reserved, "AuxiliaryAddresses", PAIRS),
};
static const struct schema subnet_schema = SCHEMA(struct inspect_subnet, subnet_fields);

static const struct schema_field ipam_fields[] = {
	OF(ipam_driver, "Driver", STRING),
	SHAPE_NULL(network_inspect, none, "Options", PAIRS),
	SHAPE_OF(network_inspect, subnets, "Config", LIST, subnet_schema),
};
static const struct schema ipam_schema = SCHEMA(struct network_inspect, ipam_fields);

static const struct schema_field config_fields[] = {
	OF(none, "Network", STRING),
};
static const struct schema config_schema = SCHEMA(struct network_inspect, config_fields);

static const struct schema_field member_fields[] = {
	SHAPE(inspect_member, name, "Name", STRING),
	SHAPE(inspect_member, none, "EndpointID", STRING),
	SHAPE(inspect_member, mac, "MacAddress", STRING),
	SHAPE(inspect_member, ip, "IPv4Address", STRING),
	SHAPE(inspect_member, ip6, "IPv6Address", STRING),
};
static const struct schema member_schema = SCHEMA(struct inspect_member, member_fields);

static const struct schema_field route_fields[] = {
	SHAPE(network_route, destination, "Destination", STRING),
	SHAPE(network_route, gateway, "Gateway", STRING),
	SHAPE(network_route, metric, "Metric", U32),
};
static const struct schema route_schema = SCHEMA(struct network_route, route_fields);

static const struct schema_field fields[] = {
	NETWORK(name, "Name", STRING),
	NETWORK(id, "Id", STRING),
	NETWORK(created, "Created", STRING),
	OF(scope, "Scope", STRING),
	NETWORK(driver, "Driver", STRING),
	OF(has_ip4, "EnableIPv4", BOOL),
	NETWORK(ip6, "EnableIPv6", BOOL),
	SHAPE_PART("IPAM", ipam_schema),
	NETWORK(internal, "Internal", BOOL),
	OF(none, "Attachable", BOOL),
	OF(none, "Ingress", BOOL),
	SHAPE_PART("ConfigFrom", config_schema),
	OF(none, "ConfigOnly", BOOL),
	SHAPE_OF(network_inspect, members, "Containers", MAP, member_schema),
	NETWORK(options, "Options", PAIRS),
	NETWORK(labels, "Labels", PAIRS),
	NETWORK(interface, "NetworkInterface", STRING),
	OF(has_dns, "DNSEnabled", BOOL),
	NETWORK(dns_servers, "NetworkDNSServers", STRINGS),
	SHAPE_OF(network_inspect, network.routes, "Routes", LIST, route_schema),
};
static const struct schema schema = SCHEMA(struct network_inspect, fields);

/* ------------------------------------------------------------------------------- subnets */

/* As a subnet if it is one: so docker's were given. */
static const char *range_text(const struct network_subnet *subnet, struct arena *arena)
{
	struct ip_net net = { subnet->first, subnet->net.bits };
	char text[IP_NET_BYTES];

	if (!subnet->range_start || !subnet->range_end)
		return subnet->range_start ? arena_printf(arena, "%s-", subnet->range_start)
		       : subnet->range_end ? arena_printf(arena, "-%s", subnet->range_end)
					   : NULL;
	for (; net.bits <= 8 * ip_len(&net.ip); net.bits++) {
		const struct ip first = ip_net_first(&net), last = ip_net_last(&net);

		if (ip_compare(&first, &subnet->first) == 0 &&
		    ip_compare(&last, &subnet->last) == 0)
			return arena_strdup(arena, ip_net_format(&net, text));
	}
	return arena_printf(arena, "%s-%s", subnet->range_start, subnet->range_end);
}

static void add_subnet(struct network_inspect *in, const struct network_subnet *subnet,
		       struct arena *arena)
{
	*list_add(&in->subnets, arena) = (struct inspect_subnet){
		.subnet = subnet->subnet,
		.range = range_text(subnet, arena),
		.gateway = subnet->gateway,
		.reserved = subnet->reserved,
	};
	in->has_ip4 |= subnet->net.ip.family == AF_INET;
}

/* ------------------------------------------------------------------------------- members */

/* With the bits of its network, as docker has it; NULL: it has none. */
static const char *address_text(const struct network *network, const struct ip *ip,
				struct arena *arena)
{
	const struct network_subnet *subnet = network_find_subnet(network, ip);
	char text[IP_NET_BYTES];

	if (!subnet)
		return NULL;
	return arena_strdup(arena, ip_net_format(&(struct ip_net){ *ip, subnet->net.bits }, text));
}

static void add_member(struct network_inspect *in, const struct member *m, struct arena *arena)
{
	char mac[MAC_BYTES];

	*list_add(&in->members, arena) = (struct inspect_member){
		.id = arena_strdup(arena, m->id),
		.name = m->n_names ? arena_strdup(arena, m->names[0]) : NULL,
		.mac = arena_strdup(arena, mac_format(&m->mac, mac)),
		.ip = address_text(&in->network, &m->ip, arena),
		.ip6 = address_text(&in->network, &m->ip6, arena),
	};
}

/* ------------------------------------------------------------------------------- the whole */

static struct network_inspect *make(const struct network *network,
				    const struct member_table *table, struct arena *arena)
{
	struct network_inspect *in = arena_new(arena, struct network_inspect);

	in->network = *network;
	in->scope = "local";
	in->ipam_driver = network_gives_addresses(network) ? "default" : "none";
	in->has_dns = !network->dns_disabled;
	for (size_t i = 0; i < network->subnets.n; i++)
		add_subnet(in, &network->subnets.v[i], arena);
	for (size_t i = 0; i < table->n; i++)
		add_member(in, &table->v[i], arena);
	return in;
}

int network_inspect(const struct call *call, const char *who, struct value **ret, struct err *err)
{
	auto_member_table struct member_table table = {};
	auto_close int networks_fd = -1;
	struct network *network;
	int r = engine_networks_open(call_engine(call), &networks_fd, err);

	if (r == 0)
		r = engine_network_open(networks_fd, who, call->arena, &network, err);
	if (r == 0)
		r = engine_network_members(call_engine(call), networks_fd, network->name, &table,
					   err);
	if (r < 0)
		return r;
	*ret = value_from(&schema, make(network, &table, call->arena), call->arena);
	return 0;
}
