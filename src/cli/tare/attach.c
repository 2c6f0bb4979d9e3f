/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare attach: see what a running container writes, and type to it, beside others who do.
 */
#include "cli/tare/attach_args.h"
#include "cli/tare/ending.h"

struct attach_verb_args {
	struct attach_args attach;
	bool no_stdin;
};

static const struct opt options[] = {
	ATTACH_OPTIONS(struct attach_verb_args),
	OPT_FLAG(struct attach_verb_args, no_stdin, "no-stdin", 0,
		 "our standard input does not go to it"),
};

static int run(const struct call *call, struct err *err)
{
	const struct attach_verb_args *args = call->args;
	const struct engine_attach request = {
		.who = call->operands[0],
		.no_stdin = args->no_stdin,
		.sig_proxy = args->attach.sig_proxy != SIG_PROXY_FALSE,
		.detach_keys = args->attach.detach_keys,
	};
	struct engine_container container;
	struct ending ending = {};
	int r = engine_get(call_engine(call), request.who, call->arena, &container, err);

	if (r == 0)
		r = engine_attach(call_engine(call), &request, &ending, err);
	return r < 0 ? r : ending_tell(call, container.config, &ending);
}

const struct verb verb_attach = {
	.command = {
		.name = "attach",
		.operands = "CONTAINER",
		.summary = "See what a running container writes, and type to it",
		.min_operands = 1,
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct attach_verb_args),
	.run = run,
};
