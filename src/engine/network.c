/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine knows and src/net does not: where networks are kept, what the machine has
 * already, and which containers are gone. The machine is asked only when a network is made: its
 * routes may be many. A container's start reads one file here.
 */
#include "engine/network.h"

#include "base/cleanup.h"
#include "engine/container.h"
#include "engine/entry.h"
#include "net/link.h"
#include "net/routes.h"
#include "sys/netlink.h"

#include <string.h>

int engine_networks_open(const struct engine *engine, int *ret_dir_fd, struct err *err)
{
	return engine_open_dir(engine, "networks", true, ret_dir_fd, err);
}

/* ------------------------------------------------------------------------------- the machine */

struct machine {
	struct netlink nl;
	struct host_subnets subnets;
};

static void machine_done(struct machine *machine)
{
	netlink_close(&machine->nl);
	host_subnets_done(&machine->subnets);
}

static int machine_look(struct machine *machine, struct err *err)
{
	int r = netlink_open(&machine->nl, err);

	return r < 0 ? r : host_subnets_load(&machine->nl, &machine->subnets, err);
}

/* A name that can't be looked up is none to take. */
static bool is_taken(const char *interface, void *arg)
{
	struct machine *machine = arg;
	struct err ignored;
	struct link link;

	return link_find(&machine->nl, interface, &link, &ignored) != 1;
}

int engine_network_create(int networks_fd, struct network *network, struct arena *arena,
			  struct err *err)
{
	auto_cleanup(machine_done) struct machine machine = { .nl = { .fd = -1 } };
	const struct network_host host = { &machine.subnets, is_taken, &machine };
	int r = machine_look(&machine, err);

	return r < 0 ? r : network_create(networks_fd, network, &host, arena, err);
}

static int make_default(int networks_fd, struct arena *arena, struct network **ret,
			struct err *err)
{
	auto_cleanup(machine_done) struct machine machine = { .nl = { .fd = -1 } };
	const struct network_host host = { &machine.subnets, is_taken, &machine };
	int r = machine_look(&machine, err);

	if (r == 0)
		r = network_ensure_default(networks_fd, &host, arena, ret, err);
	return r < 0 ? err_wrap(err, "make the default network '" NETWORK_DEFAULT "'") : 0;
}

int engine_network_open(int networks_fd, const char *who, struct arena *arena,
			struct network **ret, struct err *err)
{
	int r = network_open(networks_fd, who, arena, ret, err);

	if (r == -ENOENT && strcmp(who, NETWORK_DEFAULT) == 0)
		return make_default(networks_fd, arena, ret, err);
	return r;
}

/* ------------------------------------------------------------------------------- members */

/* The monitor's second lock counts: until it goes, ports may still lead to the address. */
bool engine_member_is_gone(const char *id, void *engine)
{
	auto_entry struct entry entry = ENTRY_NONE;
	struct err ignored;
	int r = entry_open_id(engine, id, &entry, &ignored);

	if (r < 0)
		return r == -ENOENT;
	return !entry_is_attended(&entry) && !container_outlives_monitor(engine, &entry);
}

int engine_network_members(const struct engine *engine, int networks_fd, const char *name,
			   struct member_table *ret, struct err *err)
{
	auto_close int network_fd = -1;
	int r = network_open_dir(networks_fd, name, &network_fd, err);

	if (r < 0)
		return r;
	r = members_sweep(network_fd, engine_member_is_gone, (void *)(uintptr_t)engine, err);
	if (r >= 0)
		r = members_load(network_fd, ret, err);
	return r < 0 ? err_wrap(err, "network '%s'", name) : 0;
}
