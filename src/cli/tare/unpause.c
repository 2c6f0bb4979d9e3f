/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare unpause: let containers go on that were paused.
 */
#include "cli/tare/each.h"

struct unpause_args {
	struct choose_args choose;
};

static const struct opt options[] = {
	CHOOSE_ALL(struct unpause_args, choose, "all that are paused"),
	CHOOSE_FILTER(struct unpause_args, choose, 'f'),
	CHOOSE_LATEST(struct unpause_args, choose),
	CHOOSE_CIDFILE(struct unpause_args, choose),
};

static int unpause_one(const struct call *call, const char *who, struct err *err)
{
	int r = engine_unpause(call_engine(call), who, err);

	if (r == 0)
		each_print(who);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct unpause_args *args = call->args;

	return each_chosen(call, &args->choose, CHOOSE_PAUSED, unpause_one, err);
}

const struct verb verb_unpause = {
	.command = {
		.name = "unpause",
		.operands = "CONTAINER...",
		.summary = "Let containers go on that were paused",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct unpause_args),
	.run = run,
};
