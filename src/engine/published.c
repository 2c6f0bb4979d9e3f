/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port leads to the container's address on the first of its networks from where it can be
 * reached: one with a bridge, and rather one that is not internal.
 */
#include "engine/published.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "engine/network.h"
#include "net/conntrack.h"
#include "net/firewall.h"
#include "oci/list.h"

#include <stdio.h>
#include <string.h>

#define TRIES 3

/* ------------------------------------------------------------------------------- what is theirs */

static void find_targets(const struct net_record *record, bool with_internal,
			 struct ip ret[static 2])
{
	for (size_t i = 0; i < record->endpoints.n; i++) {
		const struct net_endpoint *endpoint = &record->endpoints.v[i];
		struct ip ips[2];

		if (!net_endpoint_is_bridged(endpoint) ||
		    (endpoint->is_internal && !with_internal))
			continue;
		net_endpoint_ips(endpoint, ips);
		for (size_t k = 0; k < 2; k++)
			if (!ip_is_set(&ret[k]))
				ret[k] = ips[k];
	}
}

void published_targets(const struct net_record *record, struct ip ret[static 2])
{
	ret[0] = ret[1] = (struct ip){};
	find_targets(record, false, ret);
	find_targets(record, true, ret);
}

struct port_list {
	struct firewall_port *v;
	size_t n;
};

/* Of 0.0.0.0 it is for all addresses of that family, of none for those of both. */
static void add_rows(const struct port *port, const struct ip *to, struct arena *arena,
		     struct port_list *list)
{
	const bool is_wanted = !ip_is_set(&port->host_ip) || port->host_ip.family == to->family;

	for (unsigned i = 0; i < port->n && is_wanted && ip_is_set(to); i++)
		*list_add(list, arena) = (struct firewall_port){
			.proto = port->proto,
			.host_ip = ip_is_any(&port->host_ip) ? (struct ip){} : port->host_ip,
			.host_port = (uint16_t)(port->host_port + i),
			.to = *to,
			.to_port = (uint16_t)(port->port + i),
		};
}

static void list_ports(const struct net_record *record, struct arena *arena, struct port_list *ret)
{
	struct ip to[2];

	*ret = (struct port_list){};
	published_targets(record, to);
	for (size_t i = 0; i < record->ports.n; i++) {
		struct port port;

		if (!net_port_read(&record->ports.v[i], &port))
			continue;
		add_rows(&port, &to[0], arena, ret);
		add_rows(&port, &to[1], arena, ret);
	}
}

/* ------------------------------------------------------------------------------- whose is it */

/* Its ports are its own until it has ended, though not until all that it held is taken apart. */
static bool has_ended(const struct engine *engine, const char *id)
{
	return engine_member_is_gone(id, (void *)(uintptr_t)engine);
}

struct sweep {
	const struct engine *engine;
	struct nft *nft;
	const char *own_id;
	char last_id[NFT_COMMENT_MAX + 1];
	int r;
	struct err *err;
};

static void sweep_port(const struct firewall_port *port, const char *id, void *arg)
{
	struct sweep *sweep = arg;

	(void)port;
	if (strcmp(sweep->last_id, id) == 0 || sweep->r < 0)
		return;
	(void)snprintf(sweep->last_id, sizeof(sweep->last_id), "%s", id);
	if (strcmp(id, sweep->own_id) == 0 || has_ended(sweep->engine, id))
		sweep->r = firewall_withdraw(sweep->nft, id, sweep->err);
}

/* Take away what those left who have ended, and what this one has from before. */
static int sweep_ports(const struct engine *engine, struct nft *nft, const char *id,
		       struct err *err)
{
	struct sweep sweep = { .engine = engine, .nft = nft, .own_id = id, .err = err };
	int r = firewall_each_port(nft, sweep_port, &sweep, err);

	return r < 0 ? r : sweep.r;
}

const char *published_name(const struct engine *engine, const char *id, struct arena *arena)
{
	auto_entry struct entry entry = ENTRY_NONE;
	struct config *config = NULL;
	struct err ignored;

	if (entry_open_id(engine, id, &entry, &ignored) < 0 ||
	    entry_read_config(&entry, arena, &config, &ignored) < 0 || !config->name)
		return arena_strdup(arena, id);
	return config->name;
}

/* Connections to [::1] are joined to a container's address of either family (net/splices.h). */
static bool is_joined(const struct port *port)
{
	static const struct ip loopback6 = { AF_INET6, { [15] = 1 } };

	return port->proto == IPPROTO_TCP && port->host_ip.family == AF_INET6 &&
	       (ip_is_any(&port->host_ip) || ip_compare(&port->host_ip, &loopback6) == 0);
}

void published_warn(const struct net_record *record)
{
	struct ip to[2];

	published_targets(record, to);
	for (size_t i = 0; i < record->ports.n; i++) {
		struct port port;
		bool is_v6;

		if (!net_port_read(&record->ports.v[i], &port) || !ip_is_set(&port.host_ip))
			continue;
		is_v6 = port.host_ip.family == AF_INET6;
		if (!ip_is_set(&to[is_v6]) && !is_joined(&port))
			log_warn("port %u of %s leads nowhere: the container has no IPv%d address",
				 port.host_port, record->ports.v[i].host_ip, is_v6 ? 6 : 4);
	}
}

/* ------------------------------------------------------------------------------- publishing */

int published_add(const struct engine *engine, struct nft *nft, const char *id,
		  const struct net_record *record, struct err *err)
{
	auto_arena struct arena arena = {};
	struct port_list list;
	int r;

	list_ports(record, &arena, &list);
	if (!list.n)
		return 0;
	r = firewall_publish(nft, id, list.v, list.n, err);
	for (int i = 1; i < TRIES && r == -EEXIST && err->kind == ERR_CONFLICT; i++) {
		*err = (struct err){};
		r = sweep_ports(engine, nft, id, err);
		if (r == 0)
			r = firewall_publish(nft, id, list.v, list.n, err);
	}
	return r;
}

void published_forget_flows(const struct net_record *record)
{
	auto_arena struct arena arena = {};
	struct port *ports = arena_array(&arena, struct port, record->ports.n);
	struct err ignored;
	size_t n = 0;

	for (size_t i = 0; i < record->ports.n; i++)
		n += net_port_read(&record->ports.v[i], &ports[n]);
	(void)conntrack_flush(ports, n, &ignored);
}

/* ------------------------------------------------------------------------------- again */

struct roll_call {
	const char *id;
	const struct port_list *wanted;
	size_t n_found, n_others;
};

static bool is_same_port(const struct firewall_port *a, const struct firewall_port *b)
{
	return a->proto == b->proto && a->host_port == b->host_port && a->to_port == b->to_port &&
	       ip_compare(&a->host_ip, &b->host_ip) == 0 && ip_compare(&a->to, &b->to) == 0;
}

static void call_port(const struct firewall_port *port, const char *id, void *arg)
{
	struct roll_call *call = arg;

	if (strcmp(id, call->id) != 0)
		return;
	for (size_t i = 0; i < call->wanted->n; i++)
		if (is_same_port(port, &call->wanted->v[i])) {
			call->n_found++;
			return;
		}
	call->n_others++;
}

int published_restore(const struct engine *engine, struct nft *nft, const char *id,
		      const struct net_record *record, struct err *err)
{
	auto_arena struct arena arena = {};
	struct port_list list;
	struct roll_call call = { .id = id, .wanted = &list };
	int r;

	list_ports(record, &arena, &list);
	r = firewall_each_port(nft, call_port, &call, err);
	if (r < 0 || (call.n_found == list.n && !call.n_others))
		return r;
	return published_add(engine, nft, id, record, err);
}

struct restoring {
	const struct engine *engine;
	struct nft *nft;
};

/* One that ends meanwhile withdraws what it had before or after this: if before, we do. */
static void restore(void *data, const struct entry *entry)
{
	const struct restoring *restoring = data;
	auto_arena struct arena arena = {};
	struct net_record *record = NULL;
	struct err err = {}, ignored = {};
	int r;

	if (entry_read_network(entry, &arena, &record, &err) < 0 || !record || !record->ports.n ||
	    has_ended(restoring->engine, entry->id))
		return;
	r = published_add(restoring->engine, restoring->nft, entry->id, record, &err);
	if (r < 0)
		log_warn("ports of container %.12s: %s", entry->id, err.msg);
	if (has_ended(restoring->engine, entry->id))
		(void)firewall_withdraw(restoring->nft, entry->id, &ignored);
}

int published_add_all(const struct engine *engine, struct nft *nft, struct err *err)
{
	struct restoring restoring = { engine, nft };

	return entry_walk(engine, restore, &restoring, err);
}

static int add_again(const struct engine *engine, const struct network_place *place, int made,
		     struct err *err)
{
	return made == 1 ? published_add_all(engine, place->nft, err) : made;
}

int published_ensure(const struct engine *engine, const struct network_place *place,
		     const struct network *network, uint32_t *ret_mtu, struct err *err)
{
	return add_again(engine, place, network_device_ensure(place, network, ret_mtu, err), err);
}

int published_repair(const struct engine *engine, const struct network_place *place,
		     const struct network *network, uint32_t *ret_mtu, struct err *err)
{
	return add_again(engine, place, network_device_repair(place, network, ret_mtu, err), err);
}

/* ------------------------------------------------------------------------------- elsewhere */

int published_move(const struct engine *engine, struct nft *nft, const char *id,
		   const struct net_record *before, const struct net_record *after,
		   struct err *err)
{
	struct ip from[2], to[2];
	int r = 0;

	published_targets(before, from);
	published_targets(after, to);
	if (ip_compare(&from[0], &to[0]) == 0 && ip_compare(&from[1], &to[1]) == 0)
		return 0;
	if (before->ports.n)
		r = firewall_withdraw(nft, id, err);
	if (r == 0)
		r = published_add(engine, nft, id, after, err);
	published_forget_flows(before);
	return r;
}
