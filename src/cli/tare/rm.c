/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare rm: remove containers and their logs. Those that run are ended first, all at once.
 */
#include "cli/tare/stop.h"

#include <signal.h>

struct rm_args {
	struct choose_args choose;
	bool force, volumes;
	struct opt_i64 time;
};

static const struct opt options[] = {
	CHOOSE_ALL(struct rm_args, choose, "all, of which those that run need --force"),
	CHOOSE_FILTER(struct rm_args, choose, 0),
	CHOOSE_LATEST(struct rm_args, choose),
	CHOOSE_CIDFILE(struct rm_args, choose),
	CHOOSE_IGNORE(struct rm_args, choose, 'i'),
	OPT_FLAG(struct rm_args, force, "force", 'f', "end those that run; none there is no error"),
	STOP_TIME(struct rm_args, time, "for those that run to end gently; implies --force"),
	OPT_FLAG(struct rm_args, volumes, "volumes", 'v',
		 "their anonymous volumes too: there are none yet"),
	OPT_REFUSED("depend", "no container depends on another yet"),
	OPT_REFUSED("link", "there are no links between containers"),
};

static bool is_forced(const struct rm_args *args)
{
	return args->force || args->time.is_set;
}

/* One that is removed when it ends was removed by stopping it. */
static int remove_one(const struct call *call, const char *who, bool was_stopped, struct err *err)
{
	int r = engine_remove(call_engine(call), who, is_forced(call->args), err);

	if (r < 0 && err->kind == ERR_NOT_FOUND && was_stopped)
		r = 0;
	if (r == 0)
		each_print(who);
	return r;
}

static int remove_chosen(const struct call *call, const struct chosen *chosen)
{
	const struct rm_args *args = call->args;
	bool gently = args->time.is_set;
	struct engine_stop *stops = NULL;
	int status = 0, r;

	if (is_forced(args))
		stops = stop_chosen(call, chosen, gently ? 0 : SIGKILL,
				    gently ? stop_timeout(&args->time) : -1);
	for (size_t i = 0; i < chosen->n; i++) {
		struct err err = {};

		if (remove_one(call, chosen->who[i], stops && stops[i].r > 0, &err) >= 0)
			continue;
		r = each_failed(call, chosen, chosen->who[i], &err);
		status = r ? r : status;
	}
	return status;
}

static int run(const struct call *call, struct err *err)
{
	const struct rm_args *args = call->args;
	struct chosen chosen;
	int r = stop_check_time(&args->time, err);

	if (r == 0)
		r = choose(call, &args->choose, CHOOSE_EVERY, &chosen, err);
	if (r < 0)
		return r;
	chosen.ignore |= args->force;
	return remove_chosen(call, &chosen);
}

const struct verb verb_rm = {
	.command = {
		.name = "rm",
		.operands = "CONTAINER...",
		.summary = "Remove containers",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct rm_args),
	.run = run,
};
