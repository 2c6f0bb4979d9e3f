/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare image exists: says by its exit status alone whether there is such an image, as podman has
 * it: 0 or 1.
 */
#include "cli/tare/verb.h"
#include "engine/images.h"

#define STATUS_NO 1

static int run(const struct call *call, struct err *err)
{
	struct store_found image;
	int r = engine_image_find(call_engine(call), call->operands[0], call->arena, &image, err);

	if (r < 0 && err->kind == ERR_NOT_FOUND)
		return STATUS_NO;
	return r < 0 ? r : 0;
}

const struct verb verb_image_exists = {
	.command = {
		.name = "exists",
		.operands = "IMAGE",
		.summary = "Whether there is an image, as an exit status",
		.min_operands = 1,
		.max_operands = 1,
	},
	.run = run,
};
