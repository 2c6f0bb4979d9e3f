/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare container exists: says by its exit status alone whether there is such a container, as podman
 * has it: 0 or 1.
 */
#include "cli/tare/verb.h"

#define STATUS_NO 1

static int run(const struct call *call, struct err *err)
{
	struct engine_container container;
	int r = engine_get(call_engine(call), call->operands[0], call->arena, &container, err);

	if (r < 0 && err->kind == ERR_NOT_FOUND)
		return STATUS_NO;
	return r < 0 ? r : 0;
}

const struct verb verb_container_exists = {
	.command = {
		.name = "exists",
		.operands = "CONTAINER",
		.summary = "Whether there is a container, as an exit status",
		.min_operands = 1,
		.max_operands = 1,
	},
	.run = run,
};
