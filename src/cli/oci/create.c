/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci create: everything but the container's own program, which waits for `start`.
 */
#include "cli/oci/birth.h"

static const struct opt options[] = { BIRTH_OPTIONS };

static int create(const struct call *call, struct err *err)
{
	struct rt_create request = {};
	int r;

	r = birth_load(call, &request, err);
	if (r == 0)
		r = rt_create(call_rt(call), &request, err);
	buf_done(&request.config);
	return r;
}

const struct verb verb_create = {
	.command = {
		.name = "create",
		.operands = "CONTAINER",
		.summary = "Create a container from a bundle, up to the point of start",
		.min_operands = 1,
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.flags = VERB_MAKES,
	.args_size = sizeof(struct birth_args),
	.run = create,
};
