/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare network reload: what others took away of running containers' networks is put back, as podman
 * has it.
 */
#include "cli/tare/each.h"
#include "engine/connect.h"

struct reload_args {
	struct choose_args choose;
};

static const struct opt options[] = {
	CHOOSE_ALL(struct reload_args, choose, "all that run"),
	CHOOSE_LATEST(struct reload_args, choose),
};

static int reload_one(const struct call *call, const char *who, struct err *err)
{
	char id[IDENT_ID_LEN + 1];
	int r = engine_network_reload(call_engine(call), who, id, err);

	if (r == 0)
		each_print(id);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct reload_args *args = call->args;

	return each_chosen(call, &args->choose, CHOOSE_RUNNING | CHOOSE_PAUSED, reload_one, err);
}

const struct verb verb_network_reload = {
	.command = {
		.name = "reload",
		.operands = "CONTAINER...",
		.summary = "Put back what others took away of containers' networks",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct reload_args),
	.run = run,
};
