/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare network create: a network for containers to be on. Nothing of it is in the kernel before the
 * first one is.
 */
#include "cli/tare/verb.h"
#include "engine/network.h"
#include "engine/words.h"
#include "net/network_words.h"

#include <string.h>

struct create_args {
	const char *driver, *interface, *ipam_driver;
	struct opt_strings subnets, gateways, ranges, reserved, routes, options, dns, labels;
	bool ip6, internal, disable_dns, ignore;
};

static const struct opt options[] = {
	OPT_STRINGS(struct create_args, reserved, "aux-address", 0, "NAME=ADDRESS",
		    "an address of the subnet that no container is given"),
	OPT_FLAG(struct create_args, disable_dns, "disable-dns", 0,
		 "its containers don't find each other by name"),
	OPT_STRINGS(struct create_args, dns, "dns", 0, "ADDRESS[,ADDRESS]...",
		    "servers that its containers ask for names, instead of the host's"),
	OPT_STRING(struct create_args, driver, "driver", 'd', "bridge|macvlan|ipvlan",
		   "what it is made of; bridge by default"),
	OPT_STRINGS(struct create_args, gateways, "gateway", 0, "ADDRESS",
		    "of a subnet: where the way out is; its first address by default"),
	OPT_FLAG(struct create_args, ignore, "ignore", 0,
		 "a network that has the name already is no error"),
	OPT_STRING(struct create_args, interface, "interface-name", 0, "NAME",
		   "of the bridge; of macvlan and ipvlan the host's interface; tareN by default"),
	OPT_FLAG(struct create_args, internal, "internal", 0, "nothing leads out of it or into it"),
	OPT_STRINGS(struct create_args, ranges, "ip-range", 0, "SUBNET|FIRST-LAST",
		    "of a subnet: the addresses that containers are given"),
	OPT_STRING(struct create_args, ipam_driver, "ipam-driver", 0, "host-local|none",
		   "who gives addresses; none: nobody"),
	OPT_FLAG(struct create_args, ip6, "ipv6", 0, "with a subnet of IPv6 too"),
	OPT_STRINGS(struct create_args, labels, "label", 0, "NAME[=VALUE]", "say this of it"),
	OPT_STRINGS(struct create_args, options, "opt", 'o', "NAME=VALUE",
		    "mtu=, isolate=, metric=, no_default_route=, host_ip=, parent=, mode="),
	OPT_STRINGS(struct create_args, routes, "route", 0, "SUBNET,GATEWAY[,METRIC]",
		    "one more route for its containers"),
	OPT_STRINGS(struct create_args, subnets, "subnet", 0, "SUBNET",
		    "its addresses, as 10.5.0.0/16; one that is free by default"),
	OPT_REFUSED("attachable", "any container can be put on any network"),
	OPT_REFUSED("config-from", "there is no swarm"),
	OPT_REFUSED("config-only", "there is no swarm"),
	OPT_REFUSED("ingress", "there is no swarm"),
	OPT_REFUSED("ipam-opt", "what gives addresses has no options"),
	OPT_REFUSED("ipv4", "it goes with no subnet of IPv4, if --subnet is one of IPv6 alone"),
	OPT_REFUSED("scope", "there is no swarm: all networks are local"),
};

/* ------------------------------------------------------------------------------- words */

typedef int add_fn(struct network *network, const char *word, struct arena *arena,
		   struct err *err);

static int add_label(struct network *network, const char *word, struct arena *arena,
		     struct err *err)
{
	return label_add(&network->labels, word, arena, err);
}

/* Subnets first: others go to the one that they are in. */
static const struct list_row {
	char option[16];
	unsigned short offset; /* of a struct opt_strings */
	add_fn *add;
} lists[] = {
	{ "--subnet", offsetof(struct create_args, subnets), network_add_subnet },
	{ "--gateway", offsetof(struct create_args, gateways), network_add_gateway },
	{ "--ip-range", offsetof(struct create_args, ranges), network_add_range },
	{ "--aux-address", offsetof(struct create_args, reserved), network_add_reserved },
	{ "--route", offsetof(struct create_args, routes), network_add_route },
	{ "--opt", offsetof(struct create_args, options), network_add_option },
	{ "--dns", offsetof(struct create_args, dns), network_add_dns },
	{ "--label", offsetof(struct create_args, labels), add_label },
};

static int add_all(const struct create_args *args, const struct list_row *row,
		   struct network *network, struct arena *arena, struct err *err)
{
	const struct opt_strings *words = (const void *)((const char *)args + row->offset);

	for (size_t i = 0; i < words->n; i++)
		if (row->add(network, words->v[i], arena, err) < 0)
			return err_wrap(err, "%s '%.64s'", row->option, words->v[i]);
	return 0;
}

static char *copy(const char *word, struct arena *arena)
{
	return word ? arena_strdup(arena, word) : NULL;
}

static int read_words(const struct call *call, struct network *network, struct err *err)
{
	const struct create_args *args = call->args;
	const char *ipam = args->ipam_driver;
	int r = 0;

	network->name = call->operands[0];
	network->driver = copy(args->driver, call->arena);
	network->interface = copy(args->interface, call->arena);
	network->ip6 = args->ip6;
	network->internal = args->internal;
	network->dns_disabled = args->disable_dns;
	if (ipam && strcmp(ipam, "default") != 0) /* docker's word for its own */
		network->ipam_driver = copy(ipam, call->arena);
	for (size_t i = 0; r == 0 && i < sizeof(lists) / sizeof(lists[0]); i++)
		r = add_all(args, &lists[i], network, call->arena, err);
	return r;
}

/* ------------------------------------------------------------------------------- making */

/* Is it there by that very name? */
static bool exists(int networks_fd, const char *name, struct arena *arena, struct network **ret)
{
	struct err ignored;

	return name && engine_network_open(networks_fd, name, arena, ret, &ignored) == 0 &&
	       strcmp((*ret)->name, name) == 0;
}

static int run(const struct call *call, struct err *err)
{
	const struct create_args *args = call->args;
	struct network *network = arena_new(call->arena, struct network);
	auto_close int networks_fd = -1;
	auto_buf struct buf out = {};
	int r = read_words(call, network, err);

	if (r == 0)
		r = engine_networks_open(call_engine(call), &networks_fd, err);
	if (r == 0)
		r = engine_network_create(networks_fd, network, call->arena, err);
	if (r < 0 && !(args->ignore && err->kind == ERR_CONFLICT &&
		       exists(networks_fd, call->operands[0], call->arena, &network)))
		return r;
	buf_printf(&out, "%s\n", network->id);
	return print_buf(&out, err);
}

const struct verb verb_network_create = {
	.command = {
		.name = "create",
		.operands = "[NAME]",
		.summary = "Make a network",
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct create_args),
	.run = run,
};
