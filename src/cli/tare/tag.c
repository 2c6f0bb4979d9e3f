/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare tag: give an image more names.
 */
#include "cli/tare/verb.h"
#include "engine/images.h"

static int run(const struct call *call, struct err *err)
{
	int r = 0;

	for (char **name = call->operands + 1; r == 0 && *name; name++)
		r = engine_image_tag(call_engine(call), call->operands[0], *name, call->arena, err);
	return r;
}

const struct verb verb_tag = {
	.command = {
		.name = "tag",
		.operands = "IMAGE NAME...",
		.summary = "Give an image more names",
		.min_operands = 2,
		.max_operands = OPT_OPERANDS_ANY,
	},
	.run = run,
};
