/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare pause: let all processes of containers stand still.
 */
#include "cli/tare/each.h"

struct pause_args {
	struct choose_args choose;
};

static const struct opt options[] = {
	CHOOSE_ALL(struct pause_args, choose, "all that run"),
	CHOOSE_FILTER(struct pause_args, choose, 'f'),
	CHOOSE_LATEST(struct pause_args, choose),
	CHOOSE_CIDFILE(struct pause_args, choose),
};

static int pause_one(const struct call *call, const char *who, struct err *err)
{
	int r = engine_pause(call_engine(call), who, err);

	if (r == 0)
		each_print(who);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct pause_args *args = call->args;

	return each_chosen(call, &args->choose, CHOOSE_RUNNING, pause_one, err);
}

const struct verb verb_pause = {
	.command = {
		.name = "pause",
		.operands = "CONTAINER...",
		.summary = "Let all processes of containers stand still",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct pause_args),
	.run = run,
};
