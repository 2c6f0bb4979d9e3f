/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare rm: remove containers and their logs.
 */
#include "cli/tare/each.h"

struct rm_args {
	bool force, volumes;
};

static const struct opt options[] = {
	OPT_FLAG(struct rm_args, force, "force", 'f', "end those that run; none there is no error"),
	OPT_FLAG(struct rm_args, volumes, "volumes", 'v',
		 "their anonymous volumes too: there are none yet"),
};

static int remove_one(const struct call *call, const char *who, struct err *err)
{
	const struct rm_args *args = call->args;
	int r = engine_remove(call_engine(call), who, args->force, err);

	if (r < 0 && args->force && err->kind == ERR_NOT_FOUND)
		return 0;
	if (r == 0)
		each_print(who);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	(void)err;
	return each_container(call, remove_one);
}

const struct verb verb_rm = {
	.command = {
		.name = "rm",
		.operands = "CONTAINER...",
		.summary = "Remove containers",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct rm_args),
	.run = run,
};
