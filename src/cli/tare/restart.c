/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare restart: stop containers, and start them again.
 */
#include "cli/tare/each.h"
#include "cli/tare/stop_args.h"

static const struct opt options[] = { STOP_OPTIONS };

static int restart_one(const struct call *call, const char *who, struct err *err)
{
	const struct stop_args *args = call->args;
	int r = engine_restart(call_engine(call), who, stop_signal(args), stop_time(args), err);

	if (r == 0)
		each_print(who);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	int r = stop_check(call->args, err);

	return r < 0 ? r : each_container(call, restart_one);
}

const struct verb verb_restart = {
	.command = {
		.name = "restart",
		.operands = "CONTAINER...",
		.summary = "Stop containers, and start them again",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct stop_args),
	.run = run,
};
