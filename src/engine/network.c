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
#include "engine/network_device.h"
#include "net/firewall.h"
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

int engine_network_list(int networks_fd, struct arena *arena, struct network_list *ret,
			struct err *err)
{
	struct network *first;
	int r = engine_network_open(networks_fd, NETWORK_DEFAULT, arena, &first, err);

	return r < 0 ? r : network_list(networks_fd, arena, ret, err);
}

/* ------------------------------------------------------------------------------- members */

/* A monitor that has told the end, and is still taking apart what the container held, disturbs
 * nobody who gets its address: so who starts a container again where one was just removed may have
 * that at once. */
bool engine_member_is_gone(const char *id, void *engine)
{
	auto_entry struct entry entry = ENTRY_NONE;
	struct err ignored;
	int r = entry_open_id(engine, id, &entry, &ignored);

	if (r < 0)
		return r == -ENOENT;
	return !entry_has_monitor(&entry) && !container_outlives_monitor(engine, &entry);
}

bool engine_member_is_cleared(const char *id, void *engine)
{
	auto_nft struct nft nft = { .fd = -1 };
	struct err ignored;

	return engine_member_is_gone(id, engine) && nft_open(&nft, &ignored) == 0 &&
	       firewall_withdraw(&nft, id, &ignored) == 0;
}

int engine_network_members(const struct engine *engine, int networks_fd, const char *name,
			   struct member_table *ret, struct err *err)
{
	auto_close int network_fd = -1;
	size_t n = 0;
	int r = network_open_dir(networks_fd, name, &network_fd, err);

	if (r < 0)
		return r;
	r = members_load(network_fd, ret, err);
	if (r < 0)
		return err_wrap(err, "network '%s'", name);
	for (size_t i = 0; i < ret->n; i++)
		if (!engine_member_is_gone(ret->v[i].id, (void *)(uintptr_t)engine))
			ret->v[n++] = ret->v[i];
	ret->n = n;
	return 0;
}

/* ------------------------------------------------------------------------------- use */

bool engine_network_is(const struct network *network, const char *who)
{
	return strcmp(network->name, who) == 0 ||
	       strncmp(network->id, who, strlen(who)) == 0;
}

static void mark_wanted(const struct network_list *list, const struct config *config, bool *used)
{
	for (size_t i = 0; i < config->networks.n; i++)
		for (size_t k = 0; k < list->n; k++)
			used[k] |= engine_network_is(list->v[k],
						     config->networks.v[i].name);
}

/* One that was removed meanwhile is not used. */
static int has_members(const struct engine *engine, int networks_fd, const char *name,
		       struct err *err)
{
	auto_member_table struct member_table table = {};
	int r = engine_network_members(engine, networks_fd, name, &table, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return table.n > 0;
}

int engine_networks_used(const struct engine *engine, int networks_fd,
			 const struct network_list *list, bool *used, struct err *err)
{
	struct engine_container *containers = NULL;
	auto_arena struct arena arena = {};
	size_t n = 0;
	int r = engine_list(engine, &arena, &containers, &n, err);

	for (size_t i = 0; r >= 0 && i < list->n; i++) {
		r = has_members(engine, networks_fd, list->v[i]->name, err);
		used[i] = r > 0;
	}
	for (size_t i = 0; r >= 0 && i < n; i++)
		mark_wanted(list, containers[i].config, used);
	return r < 0 ? r : 0;
}

/* ------------------------------------------------------------------------------- removal */

static int take_down(struct network *network, void *networks_fd, struct err *err)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	auto_nft struct nft nft = { .fd = -1 };
	const struct network_place place = {
		.networks_fd = *(const int *)networks_fd, .nl = &nl, .nft = &nft
	};
	int r = netlink_open(&nl, err);

	if (r == 0)
		r = nft_open(&nft, err);
	return r < 0 ? r : network_device_remove(&place, network, err);
}

/* One that can't be read is found by its name. */
static int find_name(int networks_fd, const char *who, struct arena *arena, const char **ret,
		     struct err *err)
{
	auto_close int fd = -1;
	struct network *network;
	struct err ignored;
	int r;

	*ret = who;
	if (network_open_dir(networks_fd, who, &fd, &ignored) == 0)
		return 0;
	r = engine_network_open(networks_fd, who, arena, &network, err);
	if (r == 0)
		*ret = network->name;
	return r;
}

int engine_network_remove(const struct engine *engine, int networks_fd, const char *who,
			  struct err *err)
{
	auto_arena struct arena arena = {};
	auto_close int network_fd = -1;
	const char *name = NULL;
	int r = find_name(networks_fd, who, &arena, &name, err);

	if (r == 0)
		r = network_open_dir(networks_fd, name, &network_fd, err);
	if (r == 0)
		r = members_sweep(network_fd, engine_member_is_cleared,
				  (void *)(uintptr_t)engine, err);
	return r < 0 ? r : network_remove(networks_fd, name, take_down, &networks_fd, err);
}
