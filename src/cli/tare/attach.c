/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare attach: see what a running container writes, and type to it, beside others who do.
 */
#include "cli/tare/attach_args.h"
#include "cli/tare/choose.h"
#include "cli/tare/ending.h"

struct attach_verb_args {
	struct choose_args choose;
	struct attach_args attach;
	bool no_stdin, logs;
};

static const struct opt options[] = {
	ATTACH_OPTIONS(struct attach_verb_args),
	CHOOSE_LATEST(struct attach_verb_args, choose),
	OPT_FLAG(struct attach_verb_args, logs, "logs", 0,
		 "first what its log holds, then what comes, without a gap"),
	OPT_FLAG(struct attach_verb_args, no_stdin, "no-stdin", 0,
		 "our standard input does not go to it"),
};

static int run(const struct call *call, struct err *err)
{
	const struct attach_verb_args *args = call->args;
	struct engine_attach request = {
		.no_stdin = args->no_stdin,
		.with_log = args->logs,
		.sig_proxy = args->attach.sig_proxy != SIG_PROXY_FALSE,
		.detach_keys = args->attach.detach_keys,
	};
	char **words = call->operands;
	struct engine_container container;
	struct ending ending = {};
	int r = choose_first(call, &args->choose, &words, &request.who, err);

	if (r == 0 && *words)
		return err_set(err, ERR_USAGE, EINVAL, "one container only");
	if (r == 0)
		r = engine_get(call_engine(call), request.who, call->arena, &container, err);
	if (r == 0)
		r = engine_attach(call_engine(call), &request, &ending, err);
	return r < 0 ? r : ending_tell(call, container.config, &ending);
}

const struct verb verb_attach = {
	.command = {
		.name = "attach",
		.operands = "CONTAINER",
		.summary = "See what a running container writes, and type to it",
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct attach_verb_args),
	.run = run,
};
