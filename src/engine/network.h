/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The engine's networks: ROOT/networks/NAME, as net/network.h and net/members.h keep them. What a
 * network has of interfaces and rules while it is in use is engine/network_device.h.
 *
 * `who` is a name, or the beginning of one id only. Errors a caller may act on: ERR_NOT_FOUND (no
 * such network), ERR_CONFLICT, ERR_USAGE.
 */

#include "engine/engine.h"
#include "net/members.h"
#include "net/network.h"

/* The directory of all networks, for net/network.h; it is made at first. The caller owns
 * *ret_dir_fd. */
int engine_networks_open(const struct engine *engine, int *ret_dir_fd, struct err *err);

/* A network of that directory. The default one is made, if this is its first use, from what the
 * machine that we are in has of subnets and interfaces. */
int engine_network_open(int networks_fd, const char *who, struct arena *arena,
			struct network **ret, struct err *err);

/* network_create, told what the machine that we are in has of subnets and interfaces. */
int engine_network_create(int networks_fd, struct network *network, struct arena *arena,
			  struct err *err);

/* All of them by name, the default one too, which is made if this is its first use. */
int engine_network_list(int networks_fd, struct arena *arena, struct network_list *ret,
			struct err *err);

/* Is it the one that a configuration names so? As --network has it: by its name, or by what its id
 * begins with. */
bool engine_network_is(const struct network *network, const char *who);

/* Which of `list` containers are on, or will be on when they start again: used[i] is of
 * list->v[i]. */
int engine_networks_used(const struct engine *engine, int networks_fd,
			 const struct network_list *list, bool *used, struct err *err);

/*
 * A members_gone_fn; `engine` is a const struct engine *. A container that was removed, or has no
 * monitor and does not go on without it, has nothing on a network any more. One that is being
 * started has its monitor. Where it can't be told, it is not gone.
 */
bool engine_member_is_gone(const char *id, void *engine);

/* The same for who gives away what those had that are gone: true when none of their ports lead to
 * their addresses any more, either. */
bool engine_member_is_cleared(const char *id, void *engine);

/* Who is on it, without those that are gone. Only `v` and `n` of *ret count: it can't be searched.
 * The caller has it. */
int engine_network_members(const struct engine *engine, int networks_fd, const char *name,
			   struct member_table *ret, struct err *err);

/* Remove a network with its bridge and rules. ERR_CONFLICT: containers are on it, or it is the
 * default one. */
int engine_network_remove(const struct engine *engine, int networks_fd, const char *who,
			  struct err *err);
