/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A container's networks and ports as they are shown: what it has while it runs, and else what was
 * asked for.
 */

#include "engine/engine.h"
#include "net/port.h"

struct net_view {
	/* The names of the networks, or its word where they are none of ours ("none", "host"). */
	struct oci_strings networks;

	/* Of one that runs each has its port of the host; of others it may be 0, or a range. */
	OCI_LIST(struct port) published;

	OCI_LIST(struct port) exposed; /* those of the container that are published, too */
};

/* All of it is in `arena`, or is the container's. */
void net_view_make(const struct engine_container *container, struct arena *arena,
		   struct net_view *ret);

/* The ports that are published as long as it runs, as they were asked for: -p, and with -P what is
 * exposed. */
void net_view_asked(const struct config *config, struct arena *arena, struct net_view *ret);
