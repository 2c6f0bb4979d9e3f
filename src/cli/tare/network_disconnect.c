/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare network disconnect: a network less for a container, whatever it is doing.
 */
#include "cli/tare/verb.h"
#include "engine/connect.h"

struct disconnect_args {
	bool force;
};

static const struct opt options[] = {
	OPT_FLAG(struct disconnect_args, force, "force", 'f',
		 "also what is left there of a container that was killed, or is gone"),
};

static int run(const struct call *call, struct err *err)
{
	const struct disconnect_args *args = call->args;

	return engine_disconnect(call_engine(call), call->operands[1], call->operands[0],
				 args->force, err);
}

const struct verb verb_network_disconnect = {
	.command = {
		.name = "disconnect",
		.operands = "NETWORK CONTAINER",
		.summary = "Take a container off a network",
		.min_operands = 2,
		.max_operands = 2,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct disconnect_args),
	.run = run,
};
