/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare start: start containers that were made, or that have ended.
 */
#include "cli/tare/attach_args.h"
#include "cli/tare/each.h"
#include "cli/tare/ending.h"

struct start_args {
	struct choose_args choose;
	struct attach_args attach;
	bool with_attach, interactive;
};

static const struct opt options[] = {
	OPT_FLAG(struct start_args, choose.all, "all", 0, "all there are"),
	CHOOSE_FILTER(struct start_args, choose, 'f'),
	CHOOSE_LATEST(struct start_args, choose),
	OPT_FLAG(struct start_args, with_attach, "attach", 'a',
		 "stay with it to its end, as `run` does"),
	OPT_FLAG(struct start_args, interactive, "interactive", 'i',
		 "the same, and it reads our standard input, if it was made to"),
	ATTACH_OPTIONS(struct start_args),
	OPT_REFUSED("checkpoint", "there are no checkpoints yet"),
	OPT_REFUSED("checkpoint-dir", "there are no checkpoints yet"),
};

static int start_one(const struct call *call, const char *who, struct err *err)
{
	const struct engine_start request = { .how = { .who = who } };
	struct ending ending;
	int r = engine_start(call_engine(call), &request, &ending, err);

	if (r == 0)
		each_print(who);
	return r;
}

static int start_attached(const struct call *call, const char *who, struct err *err)
{
	const struct start_args *args = call->args;
	const struct engine_start request = {
		.attach = true,
		.how = { .who = who,
			 .no_stdin = !args->interactive,
			 .sig_proxy = args->attach.sig_proxy != SIG_PROXY_FALSE,
			 .detach_keys = args->attach.detach_keys },
	};
	struct engine_container container;
	struct ending ending = {};
	int r = engine_get(call_engine(call), request.how.who, call->arena, &container, err);

	if (r == 0)
		r = engine_start(call_engine(call), &request, &ending, err);
	return r < 0 ? r : ending_tell(call, container.config, &ending);
}

static int run(const struct call *call, struct err *err)
{
	const struct start_args *args = call->args;
	struct chosen chosen;
	int r;

	if (!args->with_attach && !args->interactive)
		return each_chosen(call, &args->choose, CHOOSE_EVERY, start_one, err);
	r = choose(call, &args->choose, CHOOSE_EVERY, &chosen, err);
	if (r < 0)
		return r;
	if (chosen.n != 1)
		return err_set(err, ERR_USAGE, EINVAL, "--attach: one container only");
	return start_attached(call, chosen.who[0], err);
}

const struct verb verb_start = {
	.command = {
		.name = "start",
		.operands = "CONTAINER...",
		.summary = "Start containers that were made, or have ended",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct start_args),
	.run = run,
};
