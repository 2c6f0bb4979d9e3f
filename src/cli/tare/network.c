/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare network: the verbs of networks, as docker and podman have them in a group.
 */
#include "cli/tare/verb.h"

static const struct subverb subverbs[] = {
	{ "connect", &verb_network_connect },
	{ "create", &verb_network_create },
	{ "disconnect", &verb_network_disconnect },
	{ "exists", &verb_network_exists },
	{ "inspect", &verb_network_inspect },
	{ "list", &verb_network_ls },
	{ "ls", &verb_network_ls },
	{ "prune", &verb_network_prune },
	{ "reload", &verb_network_reload },
	{ "remove", &verb_network_rm },
	{ "rm", &verb_network_rm },
	{ "update", &verb_network_update },
};

const struct verb verb_network = {
	.command = {
		.name = "network",
		.operands = "COMMAND [ARGUMENT]...",
		.summary = "Commands for networks",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		.in_order = true,
		.words = "connect|create|disconnect|exists|inspect|list|ls|prune|reload|remove|rm|"
			 "update",
	},
	.subverbs = subverbs,
	.n_subverbs = sizeof(subverbs) / sizeof(subverbs[0]),
};
