/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare network exists: says by its exit status alone whether there is such a network, as podman has
 * it: 0 or 1.
 */
#include "cli/tare/verb.h"
#include "engine/network.h"

#define STATUS_NO 1

static int run(const struct call *call, struct err *err)
{
	auto_close int networks_fd = -1;
	struct network *network;
	int r = engine_networks_open(call_engine(call), &networks_fd, err);

	if (r == 0)
		r = engine_network_open(networks_fd, call->operands[0], call->arena, &network,
					err);
	if (r < 0 && err->kind == ERR_NOT_FOUND)
		return STATUS_NO;
	return r < 0 ? r : 0;
}

const struct verb verb_network_exists = {
	.command = {
		.name = "exists",
		.operands = "NETWORK",
		.summary = "Whether there is a network, as an exit status",
		.min_operands = 1,
		.max_operands = 1,
	},
	.run = run,
};
