/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reloading: all that a start makes in the host's namespace is looked at again, and made where it
 * is missing. What is there stays, so connections go on.
 */
#include "engine/connect.h"

#include "base/cleanup.h"
#include "engine/connection.h"
#include "engine/container.h"
#include "engine/published.h"

#include <string.h>

static int repair_one(struct connection *c, const struct net_endpoint *record, struct err *err)
{
	const struct endpoint_place place = connection_place(c);
	struct endpoint endpoint;
	int r = endpoint_open(record, c->networks_fd, c->arena, &endpoint, err);

	if (r == 0)
		r = published_repair(c->engine, &place.host, endpoint.network, &endpoint.mtu,
				     err);
	return r < 0 ? r : endpoint_repair(&endpoint, &place, err);
}

static int repair(struct connection *c, struct err *err)
{
	const struct net_record *record = c->record;
	int r = connection_enter(c, err);

	for (size_t i = 0; i < record->endpoints.n && r == 0; i++)
		r = repair_one(c, &record->endpoints.v[i], err);
	return r < 0 ? r : published_restore(c->engine, &c->nft, c->entry.id, record, err);
}

int engine_network_reload(const struct engine *engine, const char *who,
			  char ret_id[static IDENT_ID_LEN + 1], struct err *err)
{
	auto_arena struct arena arena = {};
	auto_connection struct connection c = CONNECTION_NONE;
	int r = connection_open(engine, who, &arena, &c, err);

	if (r < 0)
		return r;
	if (!c.record)
		return container_not_running(c.kind, err);
	if (c.record->endpoints.n)
		r = repair(&c, err);
	memcpy(ret_id, c.entry.id, sizeof(c.entry.id));
	return r;
}
