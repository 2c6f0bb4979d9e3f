/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help: what --help prints. With --scdoc, the sections of the man page that come from the
 * tables; the build asks for them.
 */
#include "cli/program.h"

struct help_args {
	bool scdoc;
};

static const struct opt options[] = {
	OPT_FLAG(struct help_args, scdoc, "scdoc", 0, "print the man page's sections on options"),
};

static int help(const struct call *call, struct err *err)
{
	const struct help_args *args = call->args;
	struct opt_program program = program_describe(call->program, call->arena);
	const struct verb *verb = NULL;
	auto_buf struct buf out = {};

	if (call->operands[0]) {
		verb = program_find_verb(call->program, call->operands[0]);
		if (!verb)
			return err_set(err, ERR_USAGE, EINVAL, "unknown command '%s'",
				       call->operands[0]);
		opt_format_help(program.global->name, &verb->command, &out);
	} else if (args->scdoc) {
		opt_format_scdoc(&program, &out);
	} else {
		opt_format_overview(&program, &out);
	}
	return print_buf(&out, err);
}

const struct verb verb_help = {
	.command = {
		.name = "help",
		.operands = "[COMMAND]",
		.summary = "Show what there is, or what a command takes",
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.flags = VERB_STATELESS,
	.args_size = sizeof(struct help_args),
	.run = help,
};
