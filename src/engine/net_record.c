/* SPDX-License-Identifier: Apache-2.0 */
/* The members of network.json. */
#include "engine/net_record.h"

#include "oci/schema.h"

#define ENDPOINT(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct net_endpoint, member), __VA_ARGS__ }

static const struct schema_field endpoint_fields[] = {
	ENDPOINT(network, "network", STRING, .flags = SCHEMA_REQUIRED),
	ENDPOINT(network_id, "networkID", STRING),
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
