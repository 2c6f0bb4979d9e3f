/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare untag: take names of an image away; it stays, though it may have none then.
 */
#include "cli/tare/verb.h"
#include "engine/images.h"

static int run(const struct call *call, struct err *err)
{
	return engine_image_untag(call_engine(call), call->operands[0], call->operands + 1,
				  call->arena, err);
}

const struct verb verb_untag = {
	.command = {
		.name = "untag",
		.operands = "IMAGE [NAME]...",
		.summary = "Take names of an image away, all if none is said",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
	},
	.run = run,
};
