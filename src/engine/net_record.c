/* SPDX-License-Identifier: Apache-2.0 */
/* The members of network.json, and what they mean. */
#include "engine/net_record.h"

#include "oci/schema.h"

#define ENDPOINT(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct net_endpoint, member), __VA_ARGS__ }

static const struct schema_field endpoint_fields[] = {
	ENDPOINT(network, "network", STRING, .flags = SCHEMA_REQUIRED),
	ENDPOINT(network_id, "networkID", STRING),
	ENDPOINT(is_internal, "isInternal", BOOL),
	ENDPOINT(interface, "interface", STRING, .flags = SCHEMA_REQUIRED),
	ENDPOINT(host_interface, "hostInterface", STRING),
	ENDPOINT(ip, "ip", STRING),
	ENDPOINT(ip6, "ip6", STRING),
	ENDPOINT(gateway, "gateway", STRING),
	ENDPOINT(gateway6, "gateway6", STRING),
	ENDPOINT(mac, "mac", STRING),
	ENDPOINT(metric, "metric", U32),
	ENDPOINT(metric_is_wished, "metricIsWished", BOOL),
	ENDPOINT(names, "names", STRINGS),
};
static const struct schema endpoint_schema = SCHEMA(struct net_endpoint, endpoint_fields);

#define PORT(member, json, kind) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct net_port, member) }

static const struct schema_field port_fields[] = {
	PORT(protocol, "protocol", STRING),
	PORT(host_ip, "hostIP", STRING),
	PORT(host_port, "hostPort", U32),
	PORT(port, "port", U32),
	PORT(count, "count", U32),
};
static const struct schema port_schema = SCHEMA(struct net_port, port_fields);

static const struct schema_field record_fields[] = {
	{ "endpoints", SCHEMA_LIST, .offset = offsetof(struct net_record, endpoints),
	  .sub = &endpoint_schema },
	{ "ports", SCHEMA_LIST, .offset = offsetof(struct net_record, ports),
	  .sub = &port_schema },
};
static const struct schema record_schema = SCHEMA(struct net_record, record_fields);

int net_record_parse(const char *json, size_t len, struct arena *arena, struct net_record **ret,
		     struct err *err)
{
	return schema_parse(&record_schema, json, len, arena, (void **)ret, err);
}

void net_record_format(const struct net_record *record, struct buf *out)
{
	schema_format(&record_schema, record, out);
}

/* ------------------------------------------------------------------------------- its values */

bool net_endpoint_is_bridged(const struct net_endpoint *endpoint)
{
	return endpoint->host_interface && *endpoint->host_interface;
}

static struct ip ip_of(const char *text)
{
	struct ip_net net = {};
	struct err ignored;

	if (text)
		(void)ip_net_parse(text, &net, &ignored);
	return net.ip;
}

void net_endpoint_ips(const struct net_endpoint *endpoint, struct ip ret[static 2])
{
	ret[0] = ip_of(endpoint->ip);
	ret[1] = ip_of(endpoint->ip6);
}

static bool is_sound(const struct net_port *port)
{
	const uint32_t top = UINT16_MAX - port->count + 1;

	return port->count >= 1 && port->count <= UINT16_MAX && port->host_port <= top &&
	       port->port <= top;
}

bool net_port_read(const struct net_port *port, struct port *ret)
{
	struct port found = {
		.host_port = (uint16_t)port->host_port,
		.port = (uint16_t)port->port,
		.n = (uint16_t)port->count,
	};
	struct err ignored;

	if (!is_sound(port) || !port->protocol ||
	    port_proto_parse(port->protocol, &found.proto, &ignored) < 0 ||
	    (port->host_ip && ip_parse(port->host_ip, &found.host_ip, &ignored) < 0))
		return false;
	*ret = found;
	return true;
}

struct net_port net_port_of(const struct port *port, struct arena *arena)
{
	return (struct net_port){
		.protocol = arena_strdup(arena, port_proto_name(port->proto)),
		.host_ip = net_record_ip(&port->host_ip, arena),
		.host_port = port->host_port,
		.port = port->port,
		.count = port->n,
	};
}

char *net_record_ip(const struct ip *ip, struct arena *arena)
{
	char text[IP_BYTES];

	return ip_is_set(ip) ? arena_strdup(arena, ip_format(ip, text)) : NULL;
}
