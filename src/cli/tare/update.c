/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare update: other limits for containers, at once for those that run.
 */
#include "cli/tare/each.h"
#include "cli/tare/limit_args.h"

struct update_args {
	struct choose_args choose;
	struct limit_args limits;
};

static const struct opt options[] = {
	CHOOSE_LATEST(struct update_args, choose),
	LIMIT_SIZE_OPTIONS(struct update_args, limits),
	LIMIT_CPU_OPTIONS(struct update_args, limits),
	LIMIT_DEVICE_OPTIONS(struct update_args, limits),
	LIMIT_PIDS_OPTION(struct update_args, limits, "processes; -1 is no limit"),
	OPT_REFUSED("restart", "no container is started again by itself yet"),
	OPT_REFUSED("kernel-memory", "kernels no longer limit their own memory apart"),
	OPT_REFUSED("cpu-rt-period", "no container runs in real time yet"),
	OPT_REFUSED("cpu-rt-runtime", "no container runs in real time yet"),
};

/* A number that is 0 asks for nothing, as docker has it. */
static bool asks_for_nothing(const struct config *changes)
{
	const int64_t numbers = changes->memory_bytes | changes->memory_swap_bytes |
				changes->memory_reservation_bytes | changes->nano_cpus |
				changes->cpu_shares | changes->cpu_period_us |
				changes->cpu_quota_us | changes->blkio_weight;
	const size_t devices = changes->weight_devices.n + changes->read_bps.n +
			       changes->write_bps.n + changes->read_iops.n + changes->write_iops.n;

	return !numbers && !devices && !changes->cpuset_cpus && !changes->cpuset_mems &&
	       !changes->pids_limit.is_set && !changes->memory_swappiness.is_set;
}

/* -1 of what `run` has no limit of by default: here it takes one away. */
static int fill(const struct limit_args *args, struct arena *arena, struct config *changes,
		struct err *err)
{
	int r = limit_args_fill(args, arena, changes, err);

	if (r < 0)
		return r;
	if (args->memory.value == -1)
		changes->memory_bytes = -1;
	if (args->memory_reservation.value == -1)
		changes->memory_reservation_bytes = -1;
	return 0;
}

static int update_one(const struct call *call, const char *who, struct err *err)
{
	const struct update_args *args = call->args;
	struct config changes = {};
	int r = fill(&args->limits, call->arena, &changes, err);

	if (r == 0)
		r = engine_update(call_engine(call), who, &changes, err);
	if (r == 0)
		each_print(who);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct update_args *args = call->args;
	struct config changes = {};
	int r = fill(&args->limits, call->arena, &changes, err);

	if (r < 0)
		return r;
	if (asks_for_nothing(&changes))
		return err_set(err, ERR_USAGE, EINVAL, "no limit is given");
	return each_chosen(call, &args->choose, 0, update_one, err);
}

const struct verb verb_update = {
	.command = {
		.name = "update",
		.operands = "CONTAINER...",
		.summary = "Give containers other limits",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct update_args),
	.run = run,
};
