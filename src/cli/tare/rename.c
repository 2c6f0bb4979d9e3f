/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare rename: another name for a container, whatever it is doing.
 */
#include "cli/tare/verb.h"

static int run(const struct call *call, struct err *err)
{
	return engine_rename(call_engine(call), call->operands[0], call->operands[1], err);
}

const struct verb verb_rename = {
	.command = {
		.name = "rename",
		.operands = "CONTAINER NAME",
		.summary = "Give a container another name",
		.min_operands = 2,
		.max_operands = 2,
	},
	.run = run,
};
