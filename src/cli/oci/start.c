/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci start: the created container's program begins.
 */
#include "cli/oci/verb.h"

static int start(const struct call *call, struct err *err)
{
	return rt_start(call_rt(call), call->operands[0], err);
}

const struct verb verb_start = {
	.command = {
		.name = "start",
		.operands = "CONTAINER",
		.summary = "Start the program of a created container",
		.min_operands = 1,
		.max_operands = 1,
	},
	.run = start,
};
