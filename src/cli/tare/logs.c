/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare logs: what a container wrote.
 */
#include "base/num.h"
#include "cli/tare/verb.h"

#include <string.h>
#include <unistd.h>

struct logs_args {
	const char *tail;
	bool follow;
};

static const struct opt options[] = {
	OPT_FLAG(struct logs_args, follow, "follow", 'f', "go on until the container ends"),
	OPT_STRING(struct logs_args, tail, "tail", 'n', "LINES",
		   "only so many lines from the end; all by default"),
	OPT_REFUSED("timestamps", "the log does not know yet when a line was written"),
	OPT_REFUSED("since", "the log does not know yet when a line was written"),
	OPT_REFUSED("until", "the log does not know yet when a line was written"),
};

static int run(const struct call *call, struct err *err)
{
	const struct logs_args *args = call->args;
	struct engine_logs request = { .follow = args->follow, .tail = -1,
				       .out_fd = STDOUT_FILENO };

	if (args->tail && strcmp(args->tail, "all") != 0 &&
	    num_parse_i64(args->tail, &request.tail) < 0)
		return err_set(err, ERR_USAGE, EINVAL, "--tail: '%s' is no number of lines",
			       args->tail);
	return engine_logs(call_engine(call), call->operands[0], &request, err);
}

const struct verb verb_logs = {
	.command = {
		.name = "logs",
		.operands = "CONTAINER",
		.summary = "Print what a container wrote",
		.min_operands = 1,
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct logs_args),
	.run = run,
};
