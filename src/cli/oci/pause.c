/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci pause: the freezer stops every process of the container.
 */
#include "cli/oci/verb.h"

static int pause_container(const struct call *call, struct err *err)
{
	return rt_pause(call_rt(call), call->operands[0], err);
}

const struct verb verb_pause = {
	.command = {
		.name = "pause",
		.operands = "CONTAINER",
		.summary = "Freeze all processes of a container",
		.min_operands = 1,
		.max_operands = 1,
	},
	.run = pause_container,
};
