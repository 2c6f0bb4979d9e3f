/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Networks of containers that exist already. One that runs comes to a network, or leaves it, at
 * once: what it has on its other networks is not touched. Of all others only what is asked of them
 * changes, which counts when they start.
 *
 * Ports of the host lead to the first of a container's networks from where it can be reached, as
 * docker has it: when that is left, to the next one. Only the ports that it has since its start are
 * its own: one that had no such network then has none until it starts again.
 *
 * Of who was killed in the middle: what is asked of the container is written first, network.json
 * before anything is made that it says, and after all is gone that it no longer says. So what is
 * half-made is made whole by engine_network_reload, what is half-gone goes when the same is asked
 * again, and all of it with the container's end. An address that nobody's network.json has is free
 * again when its container has ended.
 *
 * Errors a caller may act on: ERR_NOT_FOUND (no such container, no such network), ERR_CONFLICT
 * (it is on that network already, or it is not; the address is taken; it has no networks at all).
 */

#include "engine/engine.h"
#include "engine/ident.h"

/* wish->name is the network. On failure nothing has changed. */
int engine_connect(const struct engine *engine, const char *who,
		   const struct config_network *wish, struct err *err);

/* Without its last network it has nothing but loopback. `force`: also what is left there of one
 * that was killed, or is gone. */
int engine_disconnect(const struct engine *engine, const char *who, const char *network,
		      bool force, struct err *err);

/*
 * Put right what others took away or changed, while the container goes on: the rules of its
 * networks and their bridges, its interfaces, its ports. ERR_CONFLICT: it does not run.
 */
int engine_network_reload(const struct engine *engine, const char *who,
			  char ret_id[static IDENT_ID_LEN + 1], struct err *err);
