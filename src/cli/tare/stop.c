/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare stop: ask containers to end, all at once, and after a while end them.
 */
#include "cli/tare/stop.h"

#include "sys/signals.h"

struct stop_args {
	struct choose_args choose;
	const char *signal;
	struct opt_i64 time;
};

static const struct opt options[] = {
	CHOOSE_ALL(struct stop_args, choose, "all that run"),
	CHOOSE_FILTER(struct stop_args, choose, 'f'),
	CHOOSE_LATEST(struct stop_args, choose),
	CHOOSE_CIDFILE(struct stop_args, choose),
	CHOOSE_IGNORE(struct stop_args, choose, 'i'),
	OPT_STRING(struct stop_args, signal, "signal", 's', "SIGNAL",
		   "what to ask with; the container's stop signal by default"),
	STOP_TIME(struct stop_args, time, "before SIGKILL, -1 for ever; 10 by default"),
};

int stop_check_time(const struct opt_i64 *time, struct err *err)
{
	if (!time->is_set || (time->value >= -1 && time->value <= INT32_MAX))
		return 0;
	return err_set(err, ERR_USAGE, ERANGE, "--time: %jd is not -1 to %d",
		       (intmax_t)time->value, INT32_MAX);
}

int stop_parse_signal(const char *word, int *ret, struct err *err)
{
	*ret = word ? signals_parse(word) : 0;
	if (word && *ret <= 0)
		return err_set(err, ERR_USAGE, EINVAL, "--signal: '%s' is no signal", word);
	return 0;
}

struct engine_stop *stop_chosen(const struct call *call, const struct chosen *chosen, int signal,
				int32_t timeout_s)
{
	struct engine_stop *stops = arena_array(call->arena, struct engine_stop, chosen->n + 1);

	for (size_t i = 0; i < chosen->n; i++) {
		stops[i].who = chosen->who[i];
		stops[i].signal = signal;
		stops[i].timeout_s = timeout_s;
	}
	engine_stop_all(call_engine(call), stops, chosen->n);
	return stops;
}

int stop_report(const struct call *call, const struct chosen *chosen, struct engine_stop *stops)
{
	int status = 0, r;

	for (size_t i = 0; i < chosen->n; i++) {
		if (stops[i].r >= 0) {
			each_print(chosen->who[i]);
			continue;
		}
		r = each_failed(call, chosen, chosen->who[i], &stops[i].err);
		status = r ? r : status;
	}
	return status;
}

static int run(const struct call *call, struct err *err)
{
	const struct stop_args *args = call->args;
	struct chosen chosen;
	int signal, r = stop_check_time(&args->time, err);

	if (r == 0)
		r = stop_parse_signal(args->signal, &signal, err);
	if (r == 0)
		r = choose(call, &args->choose, CHOOSE_RUNNING | CHOOSE_PAUSED, &chosen, err);
	if (r < 0)
		return r;
	return stop_report(call, &chosen,
			   stop_chosen(call, &chosen, signal, stop_timeout(&args->time)));
}

const struct verb verb_stop = {
	.command = {
		.name = "stop",
		.operands = "CONTAINER...",
		.summary = "End running containers, gently at first",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct stop_args),
	.run = run,
};
