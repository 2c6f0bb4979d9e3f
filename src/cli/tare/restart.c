/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare restart: stop containers, all at once, and start them again.
 */
#include "cli/tare/stop.h"

struct restart_args {
	struct choose_args choose;
	const char *signal;
	struct opt_i64 time;
	bool running;
};

static const struct opt options[] = {
	CHOOSE_ALL(struct restart_args, choose, "all there are"),
	CHOOSE_FILTER(struct restart_args, choose, 'f'),
	CHOOSE_LATEST(struct restart_args, choose),
	CHOOSE_CIDFILE(struct restart_args, choose),
	OPT_FLAG(struct restart_args, running, "running", 0, "of --all those that run"),
	OPT_STRING(struct restart_args, signal, "signal", 's', "SIGNAL",
		   "what to stop with; the container's stop signal by default"),
	STOP_TIME(struct restart_args, time, "before SIGKILL, -1 for ever; 10 by default"),
};

static int start_again(const struct call *call, const char *who, struct err *err)
{
	const struct engine_start request = { .how = { .who = who } };
	struct ending ending;

	return engine_start(call_engine(call), &request, &ending, err);
}

static int restart(const struct call *call, const struct chosen *chosen, struct engine_stop *stops)
{
	for (size_t i = 0; i < chosen->n; i++)
		if (stops[i].r >= 0)
			stops[i].r = start_again(call, chosen->who[i], &stops[i].err);
	return stop_report(call, chosen, stops);
}

static int run(const struct call *call, struct err *err)
{
	const struct restart_args *args = call->args;
	struct choose_args choice = args->choose;
	struct chosen chosen;
	int signal, r = stop_check_time(&args->time, err);

	choice.all |= args->running;
	if (r == 0)
		r = stop_parse_signal(args->signal, &signal, err);
	if (r == 0)
		r = choose(call, &choice,
			   args->running ? CHOOSE_RUNNING | CHOOSE_PAUSED : CHOOSE_EVERY, &chosen,
			   err);
	if (r < 0)
		return r;
	return restart(call, &chosen,
		       stop_chosen(call, &chosen, signal, stop_timeout(&args->time)));
}

const struct verb verb_restart = {
	.command = {
		.name = "restart",
		.operands = "CONTAINER...",
		.summary = "Stop containers, and start them again",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct restart_args),
	.run = run,
};
