/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare system: what is about all images and containers, as docker and podman group it.
 */
#include "cli/tare/verb.h"

static const struct subverb subverbs[] = {
	{ "df", &verb_system_df },
	{ "info", &verb_info },
	{ "check", &verb_system_check },
	{ "prune", &verb_system_prune },
};

const struct verb verb_system = {
	.command = {
		.name = "system",
		.operands = "COMMAND [ARGUMENT]...",
		.summary = "Commands for what is kept of all images and containers",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		.in_order = true,
		.words = "df|info|check|prune",
	},
	.subverbs = subverbs,
	.n_subverbs = sizeof(subverbs) / sizeof(subverbs[0]),
};
