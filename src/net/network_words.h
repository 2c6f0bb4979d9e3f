/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What docker and podman say of a new network, one word each, for a struct network that began with
 * zeros. All subnets come first: gateways, ranges and reserved addresses go to the one that they
 * are in. An error (ERR_USAGE) is the reason alone: who calls knows how the word was given. Strings
 * are copied into the arena.
 */

#include "net/network.h"

/* --subnet 10.5.0.0/16 */
int network_add_subnet(struct network *network, const char *word, struct arena *arena,
		       struct err *err);

/* --gateway 10.5.0.1 */
int network_add_gateway(struct network *network, const char *word, struct arena *arena,
			struct err *err);

/* --ip-range 10.5.1.0/24, or 10.5.1.10-10.5.1.99 */
int network_add_range(struct network *network, const char *word, struct arena *arena,
		      struct err *err);

/* --aux-address NAME=10.5.0.9: no container is given that address. */
int network_add_reserved(struct network *network, const char *word, struct arena *arena,
			 struct err *err);

/* --route DESTINATION,GATEWAY[,METRIC] */
int network_add_route(struct network *network, const char *word, struct arena *arena,
		      struct err *err);

/* --opt KEY=VALUE; the last value of a key counts, by whichever of its names it was given. */
int network_add_option(struct network *network, const char *word, struct arena *arena,
		       struct err *err);

/* --dns, --dns-add ADDRESS[,ADDRESS]...: those that are there already stay where they are. */
int network_add_dns(struct network *network, const char *word, struct arena *arena,
		    struct err *err);

/* --dns-drop ADDRESS[,ADDRESS]... */
int network_drop_dns(struct network *network, const char *word, struct err *err);
