/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare kill: send a signal to the first process of containers.
 */
#include "cli/tare/each.h"
#include "sys/signals.h"

#include <signal.h>

struct kill_args {
	struct choose_args choose;
	const char *signal;
};

static const struct opt options[] = {
	CHOOSE_ALL(struct kill_args, choose, "all that run"),
	CHOOSE_FILTER(struct kill_args, choose, 'f'),
	CHOOSE_LATEST(struct kill_args, choose),
	CHOOSE_CIDFILE(struct kill_args, choose),
	OPT_STRING(struct kill_args, signal, "signal", 's', "SIGNAL",
		   "name or number of the signal; KILL by default"),
};

static int kill_one(const struct call *call, const char *who, struct err *err)
{
	const struct kill_args *args = call->args;
	int signal = args->signal ? signals_parse(args->signal) : SIGKILL;
	int r = engine_kill(call_engine(call), who, signal, err);

	if (r == 0)
		each_print(who);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct kill_args *args = call->args;

	if (args->signal && signals_parse(args->signal) <= 0)
		return err_set(err, ERR_USAGE, EINVAL, "--signal: '%s' is no signal", args->signal);
	return each_chosen(call, &args->choose, CHOOSE_RUNNING | CHOOSE_PAUSED, kill_one, err);
}

const struct verb verb_kill = {
	.command = {
		.name = "kill",
		.operands = "CONTAINER...",
		.summary = "Send a signal to running containers",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct kill_args),
	.run = run,
};
