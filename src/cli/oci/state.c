/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci state: the state of a container as the specification defines it, as JSON.
 */
#include "cli/oci/verb.h"

static int state(const struct call *call, struct err *err)
{
	auto_buf struct buf out = {};
	struct rt_state *found = NULL;
	int r;

	r = rt_state_get(call_rt(call), call->operands[0], call->arena, &found, err);
	if (r < 0)
		return r;
	rt_state_format(found, &out);
	return print_buf(&out, err);
}

const struct verb verb_state = {
	.command = {
		.name = "state",
		.operands = "CONTAINER",
		.summary = "Print the state of a container",
		.min_operands = 1,
		.max_operands = 1,
	},
	.run = state,
};
