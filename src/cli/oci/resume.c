/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci resume: ends a pause.
 */
#include "cli/oci/verb.h"

static int resume(const struct call *call, struct err *err)
{
	return rt_resume(call_rt(call), call->operands[0], err);
}

const struct verb verb_resume = {
	.command = {
		.name = "resume",
		.operands = "CONTAINER",
		.summary = "Let a paused container go on",
		.min_operands = 1,
		.max_operands = 1,
	},
	.run = resume,
};
