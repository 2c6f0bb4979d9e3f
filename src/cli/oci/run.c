/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci run: create, start, wait, delete. The container's exit status becomes ours.
 */
#include "cli/oci/birth.h"

static const struct opt options[] = {
	BIRTH_OPTIONS,
	OPT_FLAG(struct birth_args, detach, "detach", 'd', "return as soon as it runs"),
	OPT_FLAG(struct birth_args, keep, "keep", 0, "do not delete the container when it ends"),
};

static int run(const struct call *call, struct err *err)
{
	struct rt_create request = {};
	int r, status = 0;

	r = birth_load(call, &request, err);
	if (r == 0)
		r = rt_run(call_rt(call), &request, &status, err);
	buf_done(&request.config);
	return r < 0 ? r : status;
}

const struct verb verb_run = {
	.command = {
		.name = "run",
		.operands = "CONTAINER",
		.summary = "Create and start a container, wait for its end, delete it",
		.min_operands = 1,
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.flags = VERB_MAKES,
	.args_size = sizeof(struct birth_args),
	.run = run,
};
