/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `tare ns --json` says, member by member. The names are promised: one is added, none changes
 * its meaning. What could not be read is absent.
 */
#include "cli/tare/ns.h"
#include "oci/schema.h"

const char *ns_kind_name(int kind)
{
	return ns_types[kind].proc_name;
}

const char *ns_whose_name(int whose)
{
	static const char *const names[NS_WHOSE_MAX_] = {
		[NS_OF_HOST]    = "host",
		[NS_OWN]        = "own",
		[NS_UNKNOWN]    = "unknown",
		[NS_UNREADABLE] = "unreadable",
	};

	return names[whose];
}

static const char *together_name(int together)
{
	static const char *const names[NSVIEW_TOGETHER_MAX_] = {
		[NSVIEW_BY_PID]   = "pid",
		[NSVIEW_BY_OTHER] = "other",
		[NSVIEW_ALONE]    = "alone",
	};

	return names[together];
}

#define FIELD(type, member, json, what, ...) \
	{ json, SCHEMA_##what, .offset = offsetof(struct type, member), __VA_ARGS__ }
#define ALWAYS .flags = SCHEMA_REQUIRED

/* ------------------------------------------------------------------------------- one process */

static const struct schema_field namespace_fields[] = {
	FIELD(nsview_namespace, kind, "kind", NAME, .index_name = ns_kind_name),
	FIELD(nsview_namespace, ino, "inode", U64),
	FIELD(nsview_namespace, whose, "whose", NAME, .index_name = ns_whose_name),
	FIELD(nsview_namespace, children_ino, "childrenInode", U64),
	FIELD(nsview_namespace, others, "sharedWith", IDS, ALWAYS),
};
static const struct schema namespace_schema = SCHEMA(struct nsview_namespace, namespace_fields);

static const struct schema_field process_fields[] = {
	FIELD(nsview_process, host_pid, "hostPid", U32),
	FIELD(nsview_process, ns_pid, "insidePid", OPT_U64),
	FIELD(nsview_process, pids, "pids", IDS, ALWAYS),
	FIELD(nsview_process, uid, "uid", U32, ALWAYS),
	FIELD(nsview_process, ns_uid, "insideUid", OPT_U64),
	FIELD(nsview_process, name, "name", STRING),
	FIELD(nsview_process, command, "command", STRING),
};
static const struct schema process_schema = SCHEMA(struct nsview_process, process_fields);

static const struct schema_field range_fields[] = {
	FIELD(idmap_range, inside, "inside", U32, ALWAYS),
	FIELD(idmap_range, outside, "outside", U32, ALWAYS),
	FIELD(idmap_range, size, "size", U32, ALWAYS),
};
static const struct schema range_schema = SCHEMA(struct idmap_range, range_fields);

static const struct schema_field ids_fields[] = {
	FIELD(nsview_ids, uids, "uids", LIST, ALWAYS, .sub = &range_schema),
	FIELD(nsview_ids, gids, "gids", LIST, ALWAYS, .sub = &range_schema),
	FIELD(nsview_ids, is_setgroups_denied, "setgroupsDenied", BOOL, ALWAYS),
};
static const struct schema ids_schema = SCHEMA(struct nsview_ids, ids_fields);

static const struct schema_field group_fields[] = {
	FIELD(nsview_group, hierarchy, "hierarchy", STRING),
	FIELD(nsview_group, path, "path", STRING),
};
static const struct schema group_schema = SCHEMA(struct nsview_group, group_fields);

static const struct schema_field usage_fields[] = {
	FIELD(nsview_usage, used, "used", OPT_U64),
	FIELD(nsview_usage, limit, "limit", OPT_U64),
};
static const struct schema usage_schema = SCHEMA(struct nsview_usage, usage_fields);

static const struct schema_field cgroup_fields[] = {
	FIELD(nsview_cgroup, groups, "groups", LIST, ALWAYS, .sub = &group_schema),
	FIELD(nsview_cgroup, memory_bytes, "memoryBytes", EMBEDDED, .sub = &usage_schema),
	FIELD(nsview_cgroup, processes, "processes", EMBEDDED, .sub = &usage_schema),
	FIELD(nsview_cgroup, cpu_used_ns, "cpuUsedNs", OPT_U64),
	FIELD(nsview_cgroup, cpu_quota_us, "cpuQuotaUs", OPT_U64),
	FIELD(nsview_cgroup, cpu_period_us, "cpuPeriodUs", OPT_U64),
	FIELD(nsview_cgroup, cpus, "cpus", STRING),
	FIELD(nsview_cgroup, unreadable, "unreadable", STRING),
};
static const struct schema cgroup_schema = SCHEMA(struct nsview_cgroup, cgroup_fields);

static const struct schema_field view_fields[] = {
	FIELD(nsview, host_pid, "hostPid", U32),
	FIELD(nsview, thread_of, "threadOf", U32),
	FIELD(nsview, name, "name", STRING),
	FIELD(nsview, command, "command", STRING),
	FIELD(nsview, started, "started", STRING),
	FIELD(nsview, namespaces, "namespaces", LIST, .sub = &namespace_schema),
	FIELD(nsview, together, "togetherBy", NAME, .index_name = together_name),
	FIELD(nsview, processes, "processes", LIST, ALWAYS, .sub = &process_schema),
	FIELD(nsview, ids, "ids", OBJECT, .sub = &ids_schema),
	FIELD(nsview, cgroup, "cgroup", EMBEDDED, .sub = &cgroup_schema),
	FIELD(nsview, n_hidden, "unreadableProcesses", U64, ALWAYS),
};
static const struct schema view_schema = SCHEMA(struct nsview, view_fields);

void ns_view_format_json(const struct nsview *view, struct buf *out)
{
	schema_format_pretty(&view_schema, view, out);
}

/* ------------------------------------------------------------------------------- the tree */

static const struct schema_field node_fields[] = {
	FIELD(nstree_node, kind, "kind", NAME, .index_name = ns_kind_name),
	FIELD(nstree_node, ino, "inode", U64),
	FIELD(nstree_node, whose, "whose", NAME, .index_name = ns_whose_name),
	FIELD(nstree_node, owner_ino, "ownerInode", U64),
	FIELD(nstree_node, parent_ino, "parentInode", U64),
	FIELD(nstree_node, owner_uid, "madeByUid", OPT_U64),
	FIELD(nstree_node, mounts, "mounts", STRINGS),
	FIELD(nstree_node, pids, "pids", IDS, ALWAYS),
};
static const struct schema node_schema = SCHEMA(struct nstree_node, node_fields);

static const struct schema_field named_fields[] = {
	FIELD(nstree_process, host_pid, "hostPid", U32),
	FIELD(nstree_process, name, "name", STRING),
};
static const struct schema named_schema = SCHEMA(struct nstree_process, named_fields);

static const struct schema_field tree_fields[] = {
	FIELD(nstree, nodes, "namespaces", LIST, ALWAYS, .sub = &node_schema),
	FIELD(nstree, processes, "processes", LIST, ALWAYS, .sub = &named_schema),
	FIELD(nstree, n_hidden, "unreadableProcesses", U64, ALWAYS),
};
static const struct schema tree_schema = SCHEMA(struct nstree, tree_fields);

void ns_tree_format_json(const struct nstree *tree, struct buf *out)
{
	schema_format(&tree_schema, tree, out);
	buf_puts(out, "\n");
}

/* ------------------------------------------------------------------------------- networks */

static const struct schema_field interface_fields[] = {
	FIELD(look_interface, index, "index", U32),
	FIELD(look_interface, name, "name", STRING),
	FIELD(look_interface, kind, "kind", STRING),
	FIELD(look_interface, state, "state", STRING),
	FIELD(look_interface, mtu, "mtu", U32),
	FIELD(look_interface, mac, "mac", STRING),
	FIELD(look_interface, addresses, "addresses", STRINGS, ALWAYS),
	FIELD(look_interface, outside, "outside", STRING),
	FIELD(look_interface, network, "network", STRING),
};
static const struct schema interface_schema = SCHEMA(struct look_interface, interface_fields);

static const struct schema_field route_fields[] = {
	FIELD(look_route, to, "to", STRING),
	FIELD(look_route, kind, "kind", STRING),
	FIELD(look_route, via, "via", STRING),
	FIELD(look_route, interface, "interface", STRING),
	FIELD(look_route, metric, "metric", U32),
};
static const struct schema route_schema = SCHEMA(struct look_route, route_fields);

static const struct schema_field socket_fields[] = {
	FIELD(nsnet_socket, protocol, "protocol", STRING),
	FIELD(nsnet_socket, address, "address", STRING),
	FIELD(nsnet_socket, port, "port", U32),
	FIELD(nsnet_socket, host_pid, "hostPid", U32),
	FIELD(nsnet_socket, name, "name", STRING),
};
static const struct schema socket_schema = SCHEMA(struct nsnet_socket, socket_fields);

static const struct schema_field port_fields[] = {
	FIELD(net_port, protocol, "protocol", STRING),
	FIELD(net_port, host_ip, "hostIp", STRING),
	FIELD(net_port, host_port, "hostPort", U32),
	FIELD(net_port, port, "port", U32),
	FIELD(net_port, count, "count", U32),
};
static const struct schema port_schema = SCHEMA(struct net_port, port_fields);

static const struct schema_field net_fields[] = {
	FIELD(nsnet, host_pid, "hostPid", U32),
	FIELD(nsnet, name, "name", STRING),
	FIELD(nsnet, ino, "inode", U64),
	FIELD(nsnet, whose, "whose", NAME, .index_name = ns_whose_name),
	FIELD(nsnet, containers, "containers", STRINGS, ALWAYS),
	FIELD(nsnet, unreadable, "unreadable", STRING),
	FIELD(nsnet, look.interfaces, "interfaces", LIST, ALWAYS, .sub = &interface_schema),
	FIELD(nsnet, look.routes, "routes", LIST, ALWAYS, .sub = &route_schema),
	FIELD(nsnet, listens, "listens", LIST, ALWAYS, .sub = &socket_schema),
	FIELD(nsnet, ports, "published", LIST, ALWAYS, .sub = &port_schema),
	FIELD(nsnet, names.servers, "nameServers", STRINGS, ALWAYS),
	FIELD(nsnet, names.has_resolver, "resolver", BOOL),
	FIELD(nsnet, names.asked, "resolverAsks", STRINGS),
	FIELD(nsnet, is_cut, "incomplete", BOOL),
};
static const struct schema net_schema = SCHEMA(struct nsnet, net_fields);

void ns_net_format_json(const struct nsnet *view, struct buf *out)
{
	schema_format_pretty(&net_schema, view, out);
}
