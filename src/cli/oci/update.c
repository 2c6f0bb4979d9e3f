/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci update: other limits for a container that exists. They come from a file in the form of
 * linux.resources, from options, or from both: an option wins over the file.
 */
#include "cli/oci/verb.h"

#include <inttypes.h>

struct update_args {
	const char *resources, *cpuset_cpus, *cpuset_mems, *l3_cache_schema, *mem_bw_schema;
	struct opt_i64 memory, memory_swap, memory_reservation, kernel_memory, kernel_memory_tcp;
	struct opt_i64 cpu_quota, cpu_period, cpu_share, cpu_burst, cpu_idle, rt_period, rt_runtime;
	struct opt_i64 blkio_weight, pids_limit;
};

#define ARGS struct update_args

static const struct opt options[] = {
	OPT_STRING(ARGS, resources, "resources", 'r', "FILE",
		   "read limits from FILE, as linux.resources of config.json; - is standard input"),
	OPT_SIZE(ARGS, memory, "memory", 0, "limit of memory; -1 is none"),
	OPT_SIZE(ARGS, memory_swap, "memory-swap", 0,
		 "limit of memory and swap together; -1 is none"),
	OPT_SIZE(ARGS, memory_reservation, "memory-reservation", 0,
		 "what the container keeps when memory is short"),
	OPT_SIZE(ARGS, kernel_memory, "kernel-memory", 0,
		 "limit of the kernel's memory, on cgroup v1"),
	OPT_SIZE(ARGS, kernel_memory_tcp, "kernel-memory-tcp", 0,
		 "limit of the memory of TCP buffers, on cgroup v1"),
	OPT_I64(ARGS, cpu_quota, "cpu-quota", 0, "USEC", "CPU time in each period; -1 is no limit"),
	OPT_I64(ARGS, cpu_period, "cpu-period", 0, "USEC", "length of a period"),
	OPT_I64(ARGS, cpu_share, "cpu-share", 0, "N", "weight against other containers, from 2"),
	OPT_I64(ARGS, cpu_burst, "cpu-burst", 0, "USEC", "unused quota that can be saved up"),
	OPT_I64(ARGS, cpu_idle, "cpu-idle", 0, "0|1", "1: run only when nobody else wants the CPU"),
	OPT_STRING(ARGS, cpuset_cpus, "cpuset-cpus", 0, "LIST", "the CPUs to run on, as 0-3,7"),
	OPT_STRING(ARGS, cpuset_mems, "cpuset-mems", 0, "LIST", "the memory nodes to use"),
	OPT_I64(ARGS, rt_period, "cpu-rt-period", 0, "USEC", "period of realtime scheduling"),
	OPT_I64(ARGS, rt_runtime, "cpu-rt-runtime", 0, "USEC", "realtime in each of its periods"),
	OPT_I64(ARGS, blkio_weight, "blkio-weight", 0, "N", "weight of block I/O, 10 to 1000"),
	OPT_I64(ARGS, pids_limit, "pids-limit", 0, "N", "number of threads; -1 is no limit"),
	OPT_STRING(ARGS, l3_cache_schema, "l3-cache-schema", 0, "SCHEMA", "Intel RDT: L3 cache"),
	OPT_STRING(ARGS, mem_bw_schema, "mem-bw-schema", 0, "SCHEMA",
		   "Intel RDT: memory bandwidth"),
};

static void set_i64(struct oci_i64 *field, const struct opt_i64 *opt)
{
	if (opt->is_set)
		*field = (struct oci_i64){ true, opt->value };
}

struct unsigned_option {
	const char *name;
	const struct opt_i64 *opt;
	struct oci_u64 *field;
};

/* Numbers that the specification has unsigned. */
static int set_u64s(const struct unsigned_option *options_, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct unsigned_option *o = &options_[i];

		if (!o->opt->is_set)
			continue;
		if (o->opt->value < 0)
			return err_set(err, ERR_USAGE, ERANGE, "--%s: %" PRId64 " is negative",
				       o->name, o->opt->value);
		*o->field = (struct oci_u64){ true, (uint64_t)o->opt->value };
	}
	return 0;
}

/* An object that no option fills is not made: to name a controller is to ask for it. */
static bool is_blank(const void *object, size_t size)
{
	const unsigned char *bytes = object;

	while (size && !*bytes)
		bytes++, size--;
	return size == 0;
}

static void set_memory(struct oci_resources *resources, const struct update_args *args,
		       struct arena *arena)
{
	struct oci_memory *memory = resources->memory;

	if (!memory)
		memory = arena_new(arena, struct oci_memory);
	set_i64(&memory->limit, &args->memory);
	set_i64(&memory->swap, &args->memory_swap);
	set_i64(&memory->reservation, &args->memory_reservation);
	set_i64(&memory->kernel, &args->kernel_memory);
	set_i64(&memory->kernel_tcp, &args->kernel_memory_tcp);
	if (!is_blank(memory, sizeof(*memory)))
		resources->memory = memory;
}

static int set_cpu(struct oci_resources *resources, const struct update_args *args,
		   struct arena *arena, struct err *err)
{
	struct oci_cpu *cpu = resources->cpu ? resources->cpu : arena_new(arena, struct oci_cpu);
	const struct unsigned_option unsigned_options[] = {
		{ "cpu-period", &args->cpu_period, &cpu->period },
		{ "cpu-share", &args->cpu_share, &cpu->shares },
		{ "cpu-burst", &args->cpu_burst, &cpu->burst },
		{ "cpu-rt-period", &args->rt_period, &cpu->realtime_period },
	};
	int r;

	set_i64(&cpu->quota, &args->cpu_quota);
	set_i64(&cpu->idle, &args->cpu_idle);
	set_i64(&cpu->realtime_runtime, &args->rt_runtime);
	if (args->cpuset_cpus)
		cpu->cpus = arena_strdup(arena, args->cpuset_cpus);
	if (args->cpuset_mems)
		cpu->mems = arena_strdup(arena, args->cpuset_mems);
	r = set_u64s(unsigned_options, sizeof(unsigned_options) / sizeof(unsigned_options[0]),
		     err);
	if (r == 0 && !is_blank(cpu, sizeof(*cpu)))
		resources->cpu = cpu;
	return r;
}

static int set_others(struct oci_resources *resources, const struct update_args *args,
		      struct arena *arena, struct err *err)
{
	struct unsigned_option weight = { "blkio-weight", &args->blkio_weight, NULL };

	if (args->pids_limit.is_set) {
		if (!resources->pids)
			resources->pids = arena_new(arena, struct oci_pids);
		set_i64(&resources->pids->limit, &args->pids_limit);
	}
	if (!args->blkio_weight.is_set)
		return 0;
	if (!resources->block_io)
		resources->block_io = arena_new(arena, struct oci_block_io);
	weight.field = &resources->block_io->weight;
	return set_u64s(&weight, 1, err);
}

static int load_resources(const char *path, struct arena *arena, struct oci_resources **ret,
			  struct err *err)
{
	auto_buf struct buf text = {};
	int r;

	if (!path) {
		*ret = arena_new(arena, struct oci_resources);
		return 0;
	}
	r = read_input(path, &text, err);
	if (r < 0)
		return r;
	r = oci_resources_parse(buf_str(&text), text.len, arena, ret, err);
	return r < 0 ? err_wrap(err, "--resources") : 0;
}

static int update(const struct call *call, struct err *err)
{
	const struct update_args *args = call->args;
	struct oci_resources *resources = NULL;
	int r;

	if (args->l3_cache_schema || args->mem_bw_schema)
		return err_set(err, ERR_USAGE, ENOTSUP, "--%s: Intel RDT can't be updated",
			       args->l3_cache_schema ? "l3-cache-schema" : "mem-bw-schema");
	r = load_resources(args->resources, call->arena, &resources, err);
	if (r < 0)
		return r;
	set_memory(resources, args, call->arena);
	r = set_cpu(resources, args, call->arena, err);
	if (r == 0)
		r = set_others(resources, args, call->arena, err);
	if (r == 0)
		r = rt_update(call_rt(call), call->operands[0], resources, err);
	return r;
}

const struct verb verb_update = {
	.command = {
		.name = "update",
		.operands = "CONTAINER",
		.summary = "Change the limits of a container",
		.min_operands = 1,
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct update_args),
	.run = update,
};
