/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci delete: free what a stopped container holds. With --force it is killed first, what a
 * create that died has left is removed too, and a container that does not exist is no error.
 */
#include "cli/oci/match.h"

struct delete_args {
	bool force, regex;
};

static const struct opt options[] = {
	OPT_FLAG(struct delete_args, force, "force", 'f', "kill it first, if it still runs"),
	OPT_FLAG(struct delete_args, regex, "regex", 'r',
		 "CONTAINER is a regular expression; delete all that it matches"),
};

static int delete_one(const struct call *call, const char *id, struct err *err)
{
	const struct delete_args *args = call->args;
	int r = rt_delete(call_rt(call), id, args->force, err);

	if (r < 0 && err->kind == ERR_NOT_FOUND && args->force)
		return 0;
	return r;
}

static int delete_containers(const struct call *call, struct err *err)
{
	const struct delete_args *args = call->args;

	return match_each(call, args->regex, delete_one, err);
}

const struct verb verb_delete = {
	.command = {
		.name = "delete",
		.operands = "CONTAINER",
		.summary = "Delete a stopped container",
		.min_operands = 1,
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct delete_args),
	.run = delete_containers,
};
