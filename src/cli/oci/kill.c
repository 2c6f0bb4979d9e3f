/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci kill: send a signal, SIGTERM unless told otherwise.
 */
#include "cli/oci/match.h"
#include "sys/signals.h"

#include <signal.h>

struct kill_args {
	bool all, regex;
};

static const struct opt options[] = {
	OPT_FLAG(struct kill_args, all, "all", 'a', "signal all its processes, not only the first"),
	OPT_FLAG(struct kill_args, regex, "regex", 'r',
		 "CONTAINER is a regular expression; signal all that it matches"),
};

static int parse_signal(const struct call *call, struct err *err)
{
	const char *word = call->operands[1];
	int signal = word ? signals_parse(word) : SIGTERM;

	if (signal < 0)
		return err_set(err, ERR_USAGE, EINVAL, "unknown signal '%s'", word);
	return signal;
}

static int kill_one(const struct call *call, const char *id, struct err *err)
{
	const struct kill_args *args = call->args;
	int signal = parse_signal(call, err);

	if (signal < 0)
		return signal;
	return rt_kill(call_rt(call), id, signal, args->all, err);
}

static int kill_containers(const struct call *call, struct err *err)
{
	const struct kill_args *args = call->args;
	int signal = parse_signal(call, err);

	if (signal < 0)
		return signal;
	return match_each(call, args->regex, kill_one, err);
}

const struct verb verb_kill = {
	.command = {
		.name = "kill",
		.operands = "CONTAINER [SIGNAL]",
		.summary = "Send a signal to a container, SIGTERM by default",
		.min_operands = 1,
		.max_operands = 2,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct kill_args),
	.run = kill_containers,
};
