/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A container whose networks are changed while it exists: nobody else changes it meanwhile, or
 * starts it. One that runs is entered, and its network.json written whole each time; of others only
 * what is asked of them changes.
 *
 * One may end meanwhile, and its monitor give back what network.json says then. So who has written
 * that settles: where the container has ended, it is given back by whichever of the two comes last.
 */

#include "engine/endpoint.h"
#include "engine/entry.h"

struct connection {
	const struct engine *engine;
	struct arena *arena;       /* borrowed; all below is in it */
	struct entry entry;
	int networks_fd, hold_fd;
	enum status_kind kind;
	struct config *config;
	struct net_record *record; /* what it has; NULL: it does not run */

	/* Of one that was entered. */
	struct netlink nl, inside;
	struct nft nft;
	int netns_fd;
};

#define CONNECTION_NONE                                                                       \
	{ .entry = ENTRY_NONE, .networks_fd = -1, .hold_fd = -1, .nl = { .fd = -1 },          \
	  .inside = { .fd = -1 }, .nft = { .fd = -1 }, .netns_fd = -1 }

/* ERR_NOT_FOUND; ERR_CONFLICT: it is just being started, or is ending. */
int connection_open(const struct engine *engine, const char *who, struct arena *arena,
		    struct connection *ret, struct err *err);
void connection_close(struct connection *c);
#define auto_connection auto_cleanup(connection_close)

/* The network that is meant by `who`. One that is gone has its name and no id, where `may_be_gone`
 * says so. ERR_NOT_FOUND. */
int connection_network(const struct connection *c, const char *who, bool may_be_gone,
		       struct network **ret, struct err *err);

/* Its place on that network, or NULL. */
const struct net_endpoint *connection_find(const struct net_record *record,
					   const struct network *network);
const struct config_network *connection_find_asked(const struct config *config,
						   const struct network *network);

/* What is asked of it, with `wish` in the place of what it asks of the network now; NULL: nothing
 * of that. Only the list is new. */
struct config connection_ask(const struct connection *c, const struct network *network,
			     const struct config_network *wish);

/* Open what connection_place needs, of one that runs. In a process with a single thread. */
int connection_enter(struct connection *c, struct err *err);
struct endpoint_place connection_place(struct connection *c);

/* After network.json was written. */
void connection_settle(const struct connection *c);
