/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connecting is the same as at a start (engine/endpoint.h), in another order. What fails is undone
 * from its end; each step back does nothing where there was no step forth.
 */
#include "engine/connect.h"

#include "base/cleanup.h"
#include "engine/connection.h"
#include "engine/published.h"
#include "engine/sharing.h"
#include "engine/stack_files.h"
#include "oci/list.h"

#include <string.h>

struct joining {
	struct connection *c;
	struct config config;      /* as it will be */
	struct net_record *record; /* likewise */
	struct endpoint endpoint;
	bool is_attached;
};

/* ------------------------------------------------------------------------------- may it be */

static int has_none(const struct config *config, struct err *err)
{
	(void)err_set(err, ERR_CONFLICT, EINVAL, "the container was made with --network %s",
		      config->network);
	return err_hint(err, "only one that was made to be on networks comes to others");
}

static int check(const struct connection *c, const struct network *network, struct err *err)
{
	const struct config *config = c->config;
	const bool is_there = c->record ? connection_find(c->record, network) != NULL
					: connection_find_asked(config, network) != NULL;

	if (!config->networks.n && config->network)
		return has_none(config, err);
	if (is_there)
		return err_set(err, ERR_CONFLICT, EEXIST,
			       "the container is connected to network '%s' already",
			       network->name);
	return 0;
}

/* Of one that does not run nobody asks for a place yet. */
static int check_ip(const char *text, const struct network *network, struct err *err)
{
	struct ip ip;
	int r = text ? ip_parse(text, &ip, err) : 0;

	if (!text || r < 0 || network_find_subnet(network, &ip))
		return r;
	return err_set(err, ERR_USAGE, EINVAL, "network '%s': %s is in none of its subnets",
		       network->name, text);
}

/* ------------------------------------------------------------------------------- one that runs */

static struct net_record *with_endpoint(const struct connection *c,
					const struct net_endpoint *added)
{
	struct net_record *record = arena_new(c->arena, struct net_record);

	for (size_t i = 0; i < c->record->endpoints.n; i++)
		*list_add(&record->endpoints, c->arena) = c->record->endpoints.v[i];
	*list_add(&record->endpoints, c->arena) = *added;
	record->ports = c->record->ports;
	return record;
}

static int attach(struct joining *j, struct err *err)
{
	const struct endpoint_place place = connection_place(j->c);
	int r = published_ensure(j->c->engine, &place.host, j->endpoint.network,
				 &j->endpoint.mtu, err);

	if (r == 0)
		r = endpoint_attach(&j->endpoint, &place, err);
	j->is_attached = r == 0;
	if (r == 0)
		r = published_move(j->c->engine, &j->c->nft, j->c->entry.id, j->c->record,
				   j->record, err);
	return r;
}

static int establish(struct joining *j, struct err *err)
{
	const struct stack_view before = { .record = j->c->record };
	const struct stack_view after = { .record = j->record };
	const struct entry *entry = &j->c->entry;
	int r = entry_replace_config(entry, &j->config, err);

	if (r == 0)
		r = entry_write_network(entry, j->record, err);
	if (r == 0)
		r = attach(j, err);
	return r < 0 ? r : stack_files_change(entry, &j->config, &before, &after, err);
}

static void undo(struct joining *j)
{
	const struct stack_view before = { .record = j->c->record };
	const struct stack_view after = { .record = j->record };
	const struct endpoint_place place = connection_place(j->c);
	const struct entry *entry = &j->c->entry;
	struct err ignored = {};

	(void)stack_files_change(entry, j->c->config, &after, &before, &ignored);
	(void)published_move(j->c->engine, &j->c->nft, entry->id, j->record, j->c->record,
			     &ignored);
	if (j->is_attached)
		(void)endpoint_detach(&j->endpoint.record, &place, &ignored);
	(void)entry_write_network(entry, j->c->record, &ignored);
	(void)entry_replace_config(entry, j->c->config, &ignored);
	(void)endpoint_leave(j->c->networks_fd, j->endpoint.record.network, entry->id, &ignored);
}

static int join(struct connection *c, const struct network *network,
		const struct config_network *wish, struct err *err)
{
	const struct endpoint_request request = { .engine = c->engine, .config = c->config,
						  .wish = wish, .others = c->record,
						  .networks_fd = c->networks_fd };
	struct joining j = { .c = c, .config = connection_ask(c, network, wish) };
	int r = connection_enter(c, err);

	if (r == 0)
		r = endpoint_join(&request, c->arena, &j.endpoint, err);
	if (r < 0)
		return r;
	j.record = with_endpoint(c, &j.endpoint.record);
	r = establish(&j, err);
	if (r < 0)
		undo(&j);
	connection_settle(c);
	return r;
}

/* ------------------------------------------------------------------------------- both */

static int ask(const struct connection *c, const struct network *network,
	       const struct config_network *wish, struct err *err)
{
	const struct config config = connection_ask(c, network, wish);
	int r = check_ip(wish->ip, network, err);

	if (r == 0)
		r = check_ip(wish->ip6, network, err);
	return r < 0 ? r : entry_replace_config(&c->entry, &config, err);
}

int engine_connect(const struct engine *engine, const char *who,
		   const struct config_network *wish, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_connection struct connection c = CONNECTION_NONE;
	struct config_network named = *wish;
	struct network *network = NULL;
	int r = connection_open(engine, who, &arena, &c, err);

	if (r == 0)
		r = connection_network(&c, wish->name, false, &network, err);
	if (r == 0)
		r = check(&c, network, err);
	if (r < 0)
		return r;
	named.name = network->name;
	return c.record ? join(&c, network, &named, err) : ask(&c, network, &named, err);
}
