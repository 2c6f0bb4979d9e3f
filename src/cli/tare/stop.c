/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare stop: ask containers to end, and after a while end them.
 */
#include "cli/tare/each.h"
#include "sys/signals.h"

struct stop_args {
	const char *signal;
	struct opt_i64 time;
};

static const struct opt options[] = {
	OPT_STRING(struct stop_args, signal, "signal", 's', "SIGNAL",
		   "what to ask with; the container's stop signal by default"),
	OPT_I64(struct stop_args, time, "time", 't', "SECONDS",
		"how long to wait before SIGKILL, -1 for ever; 10 by default"),
};

static int stop_one(const struct call *call, const char *who, struct err *err)
{
	const struct stop_args *args = call->args;
	int signal = args->signal ? signals_parse(args->signal) : 0;
	int32_t timeout_s = args->time.is_set ? (int32_t)args->time.value : ENGINE_STOP_TIMEOUT;
	int r = engine_stop(call_engine(call), who, signal, timeout_s, err);

	if (r == 0)
		each_print(who);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct stop_args *args = call->args;

	if (args->signal && signals_parse(args->signal) <= 0)
		return err_set(err, ERR_USAGE, EINVAL, "--signal: '%s' is no signal", args->signal);
	if (args->time.is_set && (args->time.value < -1 || args->time.value > INT32_MAX))
		return err_set(err, ERR_USAGE, ERANGE, "--time: %jd is not -1 to %d",
			       (intmax_t)args->time.value, INT32_MAX);
	return each_container(call, stop_one);
}

const struct verb verb_stop = {
	.command = {
		.name = "stop",
		.operands = "CONTAINER...",
		.summary = "End running containers, gently at first",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct stop_args),
	.run = run,
};
