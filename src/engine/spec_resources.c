/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container may use: memory, processor time, processes; its disks are spec_blkio.c's. Of
 * devices it has those that the runtime gives to each, and all when privileged. Who limits memory
 * and says nothing of swap gets as much of that besides, where the machine can limit it.
 *
 * Which limits go together, and their ranges, are docker's. What this kernel can't do is left to
 * the runtime to say: a limit that was asked for and can't be had is an error here, not a warning.
 */
#include "engine/spec_parts.h"

#include "base/log.h"
#include "oci/list.h"
#include "rt/rt.h"
#include "sys/bitlist.h"

#define DEFAULT_PIDS	   2048
#define CPU_PERIOD_US	   100000
#define MIN_PERIOD_US	   1000
#define MAX_PERIOD_US	   1000000
#define NANOS		   1000000000
#define MIN_NANO_CPUS	   10000000 /* the kernel takes no quota below a millisecond */
#define MAX_NANO_CPUS	   (INT64_MAX / CPU_PERIOD_US)
#define MAX_NODES	   1024

/* ------------------------------------------------------------------------------- memory */

static int check_size(const char *option, int64_t bytes, struct err *err)
{
	return bytes >= 0 ? 0
			  : err_set(err, ERR_USAGE, ERANGE, "%s: %jd is below 0", option,
				    (intmax_t)bytes);
}

static int check_swap(const struct config *config, struct err *err)
{
	int64_t swap = config->memory_swap_bytes;

	if (swap < -1)
		return err_set(err, ERR_USAGE, ERANGE,
			       "--memory-swap: %jd is neither a size nor -1", (intmax_t)swap);
	if (swap > 0 && !config->memory_bytes)
		return err_set(err, ERR_USAGE, EINVAL,
			       "--memory-swap: it includes memory, so --memory must be given too");
	if (swap > 0 && swap < config->memory_bytes)
		return err_set(err, ERR_USAGE, EINVAL,
			       "--memory-swap: %jd is below --memory %jd, which it includes",
			       (intmax_t)swap, (intmax_t)config->memory_bytes);
	return 0;
}

static int check_memory(const struct config *config, struct err *err)
{
	int64_t swappiness = config->memory_swappiness.value;
	int r = check_size("--memory", config->memory_bytes, err);

	if (r == 0)
		r = check_size("--memory-reservation", config->memory_reservation_bytes, err);
	if (r == 0)
		r = check_swap(config, err);
	if (r < 0)
		return r;
	if (config->memory_bytes && config->memory_reservation_bytes > config->memory_bytes)
		return err_set(err, ERR_USAGE, EINVAL,
			       "--memory-reservation: %jd is above --memory %jd",
			       (intmax_t)config->memory_reservation_bytes,
			       (intmax_t)config->memory_bytes);
	if (config->memory_swappiness.is_set && (swappiness < -1 || swappiness > 100))
		return err_set(err, ERR_USAGE, ERANGE,
			       "--memory-swappiness: %jd is not between 0 and 100",
			       (intmax_t)swappiness);
	return 0;
}

static bool asks_for_memory(const struct config *config)
{
	return config->memory_bytes || config->memory_swap_bytes ||
	       config->memory_reservation_bytes || config->memory_swappiness.is_set ||
	       config->oom_kill_disable;
}

/* Whoever asked for it and said that he can do without is told. */
static bool must_leave_swap(const struct config *config)
{
	if (!config->ignore_missing_limits || config->memory_swap_bytes <= 0 || rt_can_limit_swap())
		return false;
	log_warn("--memory-swap: swap is not accounted here; memory alone is limited");
	return true;
}

/* -1 without a limit of memory is no limit of anything, and not an order to the kernel. */
struct oci_i64 spec_swap(const struct config *config)
{
	int64_t limit = config->memory_bytes, swap = config->memory_swap_bytes;

	if (!limit)
		return (struct oci_i64){};
	if (swap)
		return (struct oci_i64){ true, swap };
	if (limit > INT64_MAX / 2 || !rt_can_limit_swap())
		return (struct oci_i64){};
	return (struct oci_i64){ true, 2 * limit };
}

static int add_memory(const struct draft *draft, struct err *err)
{
	const struct config *config = draft->config;
	struct oci_memory *memory;
	int r = check_memory(config, err);

	if (r < 0 || !asks_for_memory(config))
		return r;
	if (config->oom_kill_disable && !config->memory_bytes)
		log_warn("--oom-kill-disable without --memory: the machine can run out of memory");
	memory = arena_new(draft->arena, struct oci_memory);
	memory->limit = (struct oci_i64){ config->memory_bytes != 0, config->memory_bytes };
	if (!must_leave_swap(config))
		memory->swap = spec_swap(config);
	memory->reservation = (struct oci_i64){ config->memory_reservation_bytes != 0,
						config->memory_reservation_bytes };
	if (config->memory_swappiness.is_set && config->memory_swappiness.value >= 0)
		memory->swappiness =
			(struct oci_u64){ true, (uint64_t)config->memory_swappiness.value };
	memory->disable_oom_killer = (struct oci_bool){ config->oom_kill_disable, true };
	draft->spec->linux_->resources->memory = memory;
	return 0;
}

/* ------------------------------------------------------------------------------- processors */

static int check_bandwidth(const struct config *config, struct err *err)
{
	int64_t nanos = config->nano_cpus, period = config->cpu_period_us;

	if (nanos && (nanos < MIN_NANO_CPUS || nanos > MAX_NANO_CPUS))
		return err_set(err, ERR_USAGE, ERANGE, "--cpus: must be between 0.01 and %jd",
			       (intmax_t)(MAX_NANO_CPUS / NANOS));
	if (nanos && (config->cpu_quota_us || period))
		return err_set(err, ERR_USAGE, EINVAL, "--cpus: says the same as %s; give one",
			       config->cpu_quota_us ? "--cpu-quota" : "--cpu-period");
	if (period && (period < MIN_PERIOD_US || period > MAX_PERIOD_US))
		return err_set(err, ERR_USAGE, ERANGE,
			       "--cpu-period: %jd is not between %d and %d, in microseconds",
			       (intmax_t)period, MIN_PERIOD_US, MAX_PERIOD_US);
	if (config->cpu_quota_us > 0 && config->cpu_quota_us < MIN_PERIOD_US)
		return err_set(err, ERR_USAGE, ERANGE,
			       "--cpu-quota: %jd is below %d, in microseconds",
			       (intmax_t)config->cpu_quota_us, MIN_PERIOD_US);
	if (config->cpu_shares < 0)
		return err_set(err, ERR_USAGE, ERANGE, "--cpu-shares: %jd is below 0",
			       (intmax_t)config->cpu_shares);
	return 0;
}

static int check_list(const char *option, const char *list, unsigned limit, struct err *err)
{
	struct bitlist ignored;

	if (!list || bitlist_parse(list, limit, &ignored, err) == 0)
		return 0;
	err->kind = ERR_USAGE;
	return err_wrap(err, "%s", option);
}

static int check_cpu(const struct config *config, struct err *err)
{
	int r = check_bandwidth(config, err);

	if (r == 0)
		r = check_list("--cpuset-cpus", config->cpuset_cpus, BITLIST_MAX, err);
	return r < 0 ? r : check_list("--cpuset-mems", config->cpuset_mems, MAX_NODES, err);
}

static int add_cpu(const struct draft *draft, struct err *err)
{
	const struct config *config = draft->config;
	int64_t period = config->cpu_period_us, quota = config->cpu_quota_us;
	struct oci_cpu *cpu;
	int r = check_cpu(config, err);

	if (r < 0 || (!config->nano_cpus && !config->cpu_shares && !period && !quota &&
		      !config->cpuset_cpus && !config->cpuset_mems))
		return r;
	if (config->nano_cpus) {
		period = CPU_PERIOD_US;
		quota = config->nano_cpus * CPU_PERIOD_US / NANOS;
	}
	cpu = arena_new(draft->arena, struct oci_cpu);
	cpu->shares = (struct oci_u64){ config->cpu_shares != 0, (uint64_t)config->cpu_shares };
	cpu->period = (struct oci_u64){ period != 0, (uint64_t)period };
	cpu->quota = (struct oci_i64){ quota != 0, quota };
	cpu->cpus = config->cpuset_cpus;
	cpu->mems = config->cpuset_mems;
	draft->spec->linux_->resources->cpu = cpu;
	return 0;
}

/* ------------------------------------------------------------------------------- the rest */

struct oci_i64 spec_pids(const struct config *config)
{
	struct oci_i64 asked = config->pids_limit;

	if (!asked.is_set)
		return (struct oci_i64){ true, DEFAULT_PIDS };
	return asked.value > 0 ? asked : (struct oci_i64){};
}

static void add_pids(const struct draft *draft)
{
	struct oci_i64 limit = spec_pids(draft->config);
	struct oci_pids *pids;

	if (!limit.is_set)
		return;
	pids = arena_new(draft->arena, struct oci_pids);
	pids->limit = limit;
	draft->spec->linux_->resources->pids = pids;
}

/* One rule for all; the runtime adds those that every container has. */
static void add_device_rule(const struct draft *draft)
{
	*list_add(&draft->spec->linux_->resources->devices, draft->arena) =
		(struct oci_device_rule){ .allow = draft->config->privileged,
					  .access = arena_strdup(draft->arena, "rwm") };
}

int spec_add_resources(const struct draft *draft, struct err *err)
{
	int r;

	draft->spec->linux_->resources = arena_new(draft->arena, struct oci_resources);
	add_device_rule(draft);
	add_pids(draft);
	r = add_memory(draft, err);
	if (r == 0)
		r = add_cpu(draft, err);
	return r < 0 ? r : spec_add_blkio(draft, err);
}

int spec_make_resources(const struct config *config, struct arena *arena,
			struct oci_resources **ret, struct err *err)
{
	struct oci_linux linux_ = {};
	struct oci_spec spec = { .linux_ = &linux_ };
	const struct draft draft = { .config = config, .arena = arena, .spec = &spec };
	int r = spec_add_resources(&draft, err);

	if (r == 0)
		*ret = linux_.resources;
	return r;
}
