/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare network update: other servers for names, as podman has it.
 */
#include "cli/tare/verb.h"
#include "engine/network.h"
#include "net/network_words.h"

struct update_args {
	struct opt_strings add, drop;
};

static const struct opt options[] = {
	OPT_STRINGS(struct update_args, add, "dns-add", 0, "ADDRESS[,ADDRESS]...",
		    "servers that its containers ask for names, besides those it has"),
	OPT_STRINGS(struct update_args, drop, "dns-drop", 0, "ADDRESS[,ADDRESS]...",
		    "servers that they no longer ask"),
};

static int change(struct network *network, void *arg, struct err *err)
{
	const struct call *call = arg;
	const struct update_args *args = call->args;

	for (size_t i = 0; i < args->drop.n; i++)
		if (network_drop_dns(network, args->drop.v[i], err) < 0)
			return err_wrap(err, "--dns-drop '%.64s'", args->drop.v[i]);
	for (size_t i = 0; i < args->add.n; i++)
		if (network_add_dns(network, args->add.v[i], call->arena, err) < 0)
			return err_wrap(err, "--dns-add '%.64s'", args->add.v[i]);
	return 0;
}

static int run(const struct call *call, struct err *err)
{
	const struct update_args *args = call->args;
	auto_close int networks_fd = -1;
	struct network *network;
	int r = engine_networks_open(call_engine(call), &networks_fd, err);

	if (r == 0 && !args->add.n && !args->drop.n)
		r = err_set(err, ERR_USAGE, EINVAL, "nothing is to be changed");
	if (r == 0)
		r = engine_network_open(networks_fd, call->operands[0], call->arena, &network,
					err);
	if (r == 0)
		r = network_change(networks_fd, network->name, change,
				   (void *)(uintptr_t)call, err);
	return r < 0 ? r : 0;
}

const struct verb verb_network_update = {
	.command = {
		.name = "update",
		.operands = "NETWORK",
		.summary = "Change a network's servers for names",
		.min_operands = 1,
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct update_args),
	.run = run,
};
