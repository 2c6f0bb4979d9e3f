/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a network namespace has, for a person who asks: interfaces with their addresses, and the
 * routes. A picture of a moment, that changes nothing. Data as JSON shows it, so the lists and
 * strings are oci/types.h's; strings are UTF-8. rtnetlink(7).
 */

#include "base/arena.h"
#include "base/err.h"
#include "oci/types.h"

#include <stdbool.h>
#include <stdint.h>

struct look_interface {
	uint32_t index;
	char *name; /* anybody inside may have chosen it */
	char *kind; /* "veth", "bridge"; NULL: hardware, or "lo" */
	const char *state; /* "up", "down", "no carrier" */
	char *mac; /* NULL: none */
	uint32_t mtu;
	struct oci_strings addresses; /* with the network's bits: "10.88.0.2/16" */
	char *outside; /* what it hangs on in our own namespace: the other end of a veth pair, the
			* parent of a macvlan. NULL: nothing, or somewhere else */
	char *network; /* NULL; for who knows what it is on */
};

struct look_route {
	char *to;         /* "10.88.0.0/16"; all of a family: "0.0.0.0/0", "::/0" */
	const char *kind; /* "blackhole", "unreachable", "prohibit", "throw"; NULL: it leads on */
	char *via;        /* a router; NULL: none */
	char *interface;  /* NULL: none */
	uint32_t metric;
};

struct look {
	OCI_LIST(struct look_interface) interfaces;
	OCI_LIST(struct look_route) routes; /* of the main table, a row for each way */
	bool is_cut; /* there are very many: the rest is left out */
};

/*
 * Look at the network namespace `netns_fd`, which may be our own. All of *ret in `arena`. The
 * calling process must be single-threaded: it, or a child, goes there for a moment. -EPERM: it may
 * not.
 */
int look_at(int netns_fd, struct arena *arena, struct look *ret, struct err *err);
