/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare wait: wait for the end of containers, and print their exit statuses.
 */
#include "cli/tare/each.h"

static int wait_one(const struct call *call, const char *who, struct err *err)
{
	auto_buf struct buf line = {};
	int status, r = engine_wait(call_engine(call), who, &status, err);

	if (r < 0)
		return r;
	buf_printf(&line, "%d\n", status);
	return print_buf(&line, err);
}

static int run(const struct call *call, struct err *err)
{
	(void)err;
	return each_container(call, wait_one);
}

const struct verb verb_wait = {
	.command = {
		.name = "wait",
		.operands = "CONTAINER...",
		.summary = "Wait for containers to end, and print their exit statuses",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
	},
	.run = run,
};
