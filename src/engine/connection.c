/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever starts a container needs the lock that we hold, so one that does not run stays so. An end
 * can't be held up: a monitor must not wait for others.
 */
#include "engine/connection.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "engine/container.h"
#include "engine/joined.h"
#include "engine/network.h"
#include "engine/stack.h"
#include "oci/list.h"
#include "sys/ns.h"

#include <string.h>

/* ------------------------------------------------------------------------------- opening */

static int read_record(struct connection *c, struct err *err)
{
	int r = entry_read_network(&c->entry, c->arena, &c->record, err);

	if (r == 0 && !c->record)
		c->record = arena_new(c->arena, struct net_record);
	return r;
}

static int look(struct connection *c, struct err *err)
{
	struct status *status = NULL;
	int r = container_status(c->engine, &c->entry, c->arena, &status, err);

	if (r < 0)
		return r;
	c->kind = status->kind;
	if (status->kind == STATUS_RUNNING || status->kind == STATUS_PAUSED)
		return read_record(c, err);
	if (!entry_has_monitor(&c->entry))
		return 0;
	(void)err_set(err, ERR_CONFLICT, EBUSY, "the container is being started, or is ending");
	return err_hint(err, "try again in a moment");
}

int connection_open(const struct engine *engine, const char *who, struct arena *arena,
		    struct connection *ret, struct err *err)
{
	int r;

	ret->engine = engine;
	ret->arena = arena;
	r = entry_open(engine, who, &ret->entry, err);
	if (r == 0)
		r = engine_networks_open(engine, &ret->networks_fd, err);
	if (r == 0)
		r = entry_hold(&ret->entry, &ret->hold_fd, err);
	if (r == 0)
		r = entry_read_config(&ret->entry, arena, &ret->config, err);
	return r < 0 ? r : look(ret, err);
}

void connection_close(struct connection *c)
{
	netlink_close(&c->nl);
	netlink_close(&c->inside);
	nft_close(&c->nft);
	closep(&c->netns_fd);
	closep(&c->hold_fd);
	closep(&c->networks_fd);
	entry_done(&c->entry);
}

/* ------------------------------------------------------------------------------- networks */

int connection_network(const struct connection *c, const char *who, bool may_be_gone,
		       struct network **ret, struct err *err)
{
	int r = engine_network_open(c->networks_fd, who, c->arena, ret, err);

	if (r == -ENOENT && may_be_gone) {
		*err = (struct err){};
		*ret = arena_new(c->arena, struct network);
		(*ret)->name = arena_strdup(c->arena, who);
		(*ret)->id = arena_strdup(c->arena, "");
		return 0;
	}
	return r == -ENOENT ? err_hint(err, "'tare network ls' shows the networks there are") : r;
}

const struct net_endpoint *connection_find(const struct net_record *record,
					   const struct network *network)
{
	for (size_t i = 0; i < record->endpoints.n; i++)
		if (strcmp(record->endpoints.v[i].network, network->name) == 0)
			return &record->endpoints.v[i];
	return NULL;
}

const struct config_network *connection_find_asked(const struct config *config,
						   const struct network *network)
{
	for (size_t i = 0; i < config->networks.n; i++)
		if (engine_network_is(network, config->networks.v[i].name))
			return &config->networks.v[i];
	return NULL;
}

struct config connection_ask(const struct connection *c, const struct network *network,
			     const struct config_network *wish)
{
	const struct config_network *former = connection_find_asked(c->config, network);
	struct config config = *c->config;

	config.networks.v = NULL;
	config.networks.n = 0;
	for (size_t i = 0; i < c->config->networks.n; i++)
		if (&c->config->networks.v[i] != former)
			*list_add(&config.networks, c->arena) = c->config->networks.v[i];
	if (wish)
		*list_add(&config.networks, c->arena) = *wish;
	config.network = config.networks.n ? config.networks.v[0].name : NULL;
	return config;
}

/* ------------------------------------------------------------------------------- one that runs */

static int open_inside(struct connection *c, struct err *err)
{
	int home_fd = -1, left, r = ns_net_visit(c->netns_fd, &home_fd, err);
	struct err ignored;

	if (r < 0)
		return r;
	r = netlink_open(&c->inside, err);
	left = ns_net_leave(&home_fd, r < 0 ? &ignored : err);
	return r < 0 ? r : left;
}

int connection_enter(struct connection *c, struct err *err)
{
	int r = joined_open_network(c->engine, c->entry.id, &c->netns_fd, err);

	if (r == 0)
		r = netlink_open(&c->nl, err);
	if (r == 0)
		r = nft_open(&c->nft, err);
	return r < 0 ? r : open_inside(c, err);
}

struct endpoint_place connection_place(struct connection *c)
{
	return (struct endpoint_place){ { c->networks_fd, &c->nl, &c->nft,
					  c->engine->respects_input_policy },
					c->netns_fd, &c->inside };
}

/* A monitor that is there will read what was written; one that had been through with it did not. */
void connection_settle(const struct connection *c)
{
	struct err err = {};

	if (entry_has_monitor(&c->entry) || container_outlives_monitor(c->engine, &c->entry))
		return;
	if (entry_await_apart(&c->entry, &err) < 0)
		log_warn("%s", err.msg);
	stack_clear(c->engine, &c->entry, NULL);
}
