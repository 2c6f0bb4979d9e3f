/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disconnecting: first nothing leads there any more, then there is nothing. Nothing is undone: what
 * was taken away stays so, and the same request goes on where this one failed.
 */
#include "engine/connect.h"

#include "base/cleanup.h"
#include "engine/connection.h"
#include "engine/published.h"
#include "engine/stack.h"
#include "engine/stack_files.h"
#include "net/firewall.h"
#include "net/veth.h"
#include "oci/list.h"

static int not_there(const struct network *network, struct err *err)
{
	return err_set(err, ERR_CONFLICT, ENOENT,
		       "the container is not connected to network '%s'", network->name);
}

/* ------------------------------------------------------------------------------- one that runs */

static struct net_record *without_endpoint(const struct connection *c,
					   const struct net_endpoint *gone)
{
	struct net_record *record = arena_new(c->arena, struct net_record);

	for (size_t i = 0; i < c->record->endpoints.n; i++)
		if (&c->record->endpoints.v[i] != gone)
			*list_add(&record->endpoints, c->arena) = c->record->endpoints.v[i];
	record->ports = c->record->ports;
	return record;
}

static int leave(struct connection *c, const struct net_endpoint *endpoint, struct err *err)
{
	struct net_record *record = without_endpoint(c, endpoint);
	const struct stack_view before = { .record = c->record }, after = { .record = record };
	const char *id = c->entry.id;
	struct endpoint_place place;
	int r = connection_enter(c, err);

	place = connection_place(c);
	if (r == 0)
		r = published_move(c->engine, &c->nft, id, c->record, record, err);
	if (r == 0)
		r = endpoint_detach(endpoint, &place, err);
	if (r == 0)
		r = stack_files_change(&c->entry, c->config, &before, &after, err);
	if (r == 0)
		r = endpoint_leave(c->networks_fd, endpoint->network, id, err);
	if (r == 0)
		r = entry_write_network(&c->entry, record, err);
	connection_settle(c);
	return r;
}

/* ------------------------------------------------------------------------------- leftovers */

static int take_down(const struct member *m, struct err *err)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	auto_nft struct nft nft = { .fd = -1 };
	int r = netlink_open(&nl, err);

	if (r == 0 && m->interface)
		r = veth_detach(&nl, m->interface, err);
	if (r == 0)
		r = nft_open(&nft, err);
	return r < 0 ? r : firewall_withdraw(&nft, m->id, err);
}

static const struct member *find_member(const struct member_table *table, const char *who)
{
	const struct member *found = member_table_find_id(table, who);

	if (!found)
		(void)member_table_find_name(table, who, &found, 1);
	return found;
}

/* The place that `who` has there, who is gone, or `is_known` to have nothing else of it. 1: there
 * is none. */
static int clear(const struct engine *engine, int networks_fd, const char *network,
		 const char *who, bool is_known, struct err *err)
{
	auto_member_table struct member_table table = {};
	auto_close int dir_fd = -1;
	const struct member *m = NULL;
	int r = network_open_dir(networks_fd, network, &dir_fd, err);

	if (r == 0)
		r = members_load(dir_fd, &table, err);
	if (r < 0)
		return r;
	m = find_member(&table, who);
	if (!m || (!is_known && !engine_member_is_gone(m->id, (void *)(uintptr_t)engine)))
		return 1;
	r = take_down(m, err);
	return r < 0 ? r : members_leave(dir_fd, m->id, err);
}

/* Of a container that is gone. */
static int clear_gone(const struct engine *engine, const char *who, const char *network,
		      struct err *err)
{
	auto_close int networks_fd = -1;
	auto_arena struct arena arena = {};
	struct network *found = NULL;
	struct err missing = *err;
	int r;

	*err = (struct err){};
	r = engine_networks_open(engine, &networks_fd, err);
	if (r == 0)
		r = engine_network_open(networks_fd, network, &arena, &found, err);
	if (r == 0)
		r = clear(engine, networks_fd, found->name, who, false, err);
	if (r != 1)
		return r;
	*err = missing;
	return -err->no;
}

/* Of one that is there. */
static int clear_rest(const struct connection *c, const struct network *network, struct err *err)
{
	int r;

	if (!c->record)
		stack_clear(c->engine, &c->entry, NULL);
	r = clear(c->engine, c->networks_fd, network->name, c->entry.id, true, err);
	return r == -ENOENT ? 1 : r;
}

/* ------------------------------------------------------------------------------- both */

static int disconnect(struct connection *c, const struct network *network, bool force,
		      struct err *err)
{
	const struct net_endpoint *endpoint = c->record ? connection_find(c->record, network)
							: NULL;
	const bool is_asked = connection_find_asked(c->config, network);
	const struct config config = connection_ask(c, network, NULL);
	int r = 0;

	if (!is_asked && !endpoint && !force)
		return not_there(network, err);
	if (is_asked)
		r = entry_replace_config(&c->entry, &config, err);
	if (r == 0 && endpoint)
		r = leave(c, endpoint, err);
	if (r < 0 || !force)
		return r;
	r = clear_rest(c, network, err);
	return r == 1 && !is_asked && !endpoint ? not_there(network, err) : r < 0 ? r : 0;
}

int engine_disconnect(const struct engine *engine, const char *who, const char *network,
		      bool force, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_connection struct connection c = CONNECTION_NONE;
	struct network *found = NULL;
	int r = connection_open(engine, who, &arena, &c, err);

	if (r < 0)
		return force && err->kind == ERR_NOT_FOUND
			       ? clear_gone(engine, who, network, err)
			       : r;
	r = connection_network(&c, network, true, &found, err);
	return r < 0 ? r : disconnect(&c, found, force, err);
}
