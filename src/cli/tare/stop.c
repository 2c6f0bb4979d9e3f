/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare stop: ask containers to end, and after a while end them.
 */
#include "cli/tare/each.h"
#include "cli/tare/stop_args.h"

static const struct opt options[] = { STOP_OPTIONS };

static int stop_one(const struct call *call, const char *who, struct err *err)
{
	const struct stop_args *args = call->args;
	int r = engine_stop(call_engine(call), who, stop_signal(args), stop_time(args), err);

	if (r == 0)
		each_print(who);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	int r = stop_check(call->args, err);

	return r < 0 ? r : each_container(call, stop_one);
}

const struct verb verb_stop = {
	.command = {
		.name = "stop",
		.operands = "CONTAINER...",
		.summary = "End running containers, gently at first",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct stop_args),
	.run = run,
};
