/* SPDX-License-Identifier: Apache-2.0 */
/*
 * completion: a script for the shell, made from the tables that parse the options.
 */
#include "cli/program.h"

static int completion(const struct call *call, struct err *err)
{
	struct opt_program program = program_describe(call->program, call->arena);
	auto_buf struct buf out = {};
	int r;

	r = opt_format_completion(&program, call->operands[0], &out, err);
	if (r < 0)
		return r;
	return print_buf(&out, err);
}

const struct verb verb_completion = {
	.command = {
		.name = "completion",
		.operands = "bash|zsh|fish",
		.summary = "Print a script that completes commands in a shell",
		.min_operands = 1,
		.max_operands = 1,
	},
	.flags = VERB_STATELESS,
	.run = completion,
};
