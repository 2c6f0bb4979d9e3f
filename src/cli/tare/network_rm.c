/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare network rm: remove networks. With --force the containers that are on them go first, as
 * podman has it, and one that is not there is no error, as docker has it.
 */
#include "cli/tare/stop.h"
#include "engine/network.h"

#include <signal.h>
#include <string.h>

struct rm_args {
	bool force;
	struct opt_i64 time;
};

static const struct opt options[] = {
	OPT_FLAG(struct rm_args, force, "force", 'f',
		 "end and remove the containers on it first; none there is no error"),
	STOP_TIME(struct rm_args, time, "for those containers to end gently; needs --force"),
};

static int find_members(const struct call *call, int networks_fd, const char *who,
			struct chosen *ret, struct err *err)
{
	auto_member_table struct member_table table = {};
	struct network *network;
	int r = engine_network_open(networks_fd, who, call->arena, &network, err);

	if (r == 0)
		r = engine_network_members(call_engine(call), networks_fd, network->name, &table,
					   err);
	if (r < 0)
		return r;
	ret->who = arena_array(call->arena, char *, table.n + 1);
	for (; ret->n < table.n; ret->n++)
		ret->who[ret->n] = arena_strdup(call->arena, table.v[ret->n].id);
	return 0;
}

/* They end all at once. One that was removed meanwhile, or removes itself, is what was wanted. */
static int remove_members(const struct call *call, int networks_fd, const char *who,
			  struct err *err)
{
	const struct opt_i64 *time = &((const struct rm_args *)call->args)->time;
	struct chosen chosen = {};
	int r = find_members(call, networks_fd, who, &chosen, err);

	if (r < 0)
		return r;
	(void)stop_chosen(call, &chosen, time->is_set ? 0 : SIGKILL,
			  time->is_set ? stop_timeout(time) : -1);
	for (size_t i = 0; r == 0 && i < chosen.n; i++) {
		r = engine_remove(call_engine(call), chosen.who[i], true, err);
		if (r < 0 && err->kind == ERR_NOT_FOUND)
			r = 0;
	}
	return r;
}

static int remove_one(const struct call *call, const char *who, struct err *err)
{
	const struct rm_args *args = call->args;
	auto_close int networks_fd = -1;
	int r = engine_networks_open(call_engine(call), &networks_fd, err);

	if (r == 0 && args->force && strcmp(who, NETWORK_DEFAULT) != 0)
		r = remove_members(call, networks_fd, who, err);
	if (r == 0)
		r = engine_network_remove(call_engine(call), networks_fd, who, err);
	if (r < 0 && args->force && err->kind == ERR_NOT_FOUND)
		return 0;
	if (r == 0)
		each_print(who);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct rm_args *args = call->args;
	int r = stop_check_time(&args->time, err);

	if (r == 0 && args->time.is_set && !args->force)
		r = err_set(err, ERR_USAGE, EINVAL, "--time needs --force");
	return r < 0 ? r : each_container(call, remove_one);
}

const struct verb verb_network_rm = {
	.command = {
		.name = "rm",
		.operands = "NETWORK...",
		.summary = "Remove networks",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct rm_args),
	.run = run,
};
