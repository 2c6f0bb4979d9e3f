/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other limits for a container: what it may use now, if it runs, and what it will when it is
 * started again. They are checked together with those that stay before anything is done. The kernel
 * comes before the record: what it refuses is not written down, and what it had taken of the rest
 * is taken back.
 */
#include "engine/container.h"

#include "base/cleanup.h"
#include "engine/spec.h"
#include "oci/list.h"

#include <string.h>

#define DEFAULT_SHARES	  1024
#define DEFAULT_PERIOD_US 100000

/* ------------------------------------------------------------------------------- the record */

#define AT(member) offsetof(struct config, member)

static const unsigned short numbers[] = {
	AT(memory_bytes),  AT(memory_reservation_bytes), AT(memory_swap_bytes),
	AT(nano_cpus),	   AT(cpu_shares),		 AT(cpu_period_us),
	AT(cpu_quota_us), AT(blkio_weight),
};
static const unsigned short optional_numbers[] = { AT(memory_swappiness), AT(pids_limit) };
static const unsigned short words[] = { AT(cpuset_cpus), AT(cpuset_mems) };
static const unsigned short lists[] = {
	AT(weight_devices), AT(read_bps), AT(write_bps), AT(read_iops), AT(write_iops),
};

#define COUNT(table)		 (sizeof(table) / sizeof((table)[0]))
#define MEMBER(config, at, type) ((type *)((char *)(config) + (at)))
#define GIVEN(config, at, type)	 ((type const *)((const char *)(config) + (at)))

static void merge_devices(struct config_device_limits *into,
			  const struct config_device_limits *changes, struct arena *arena)
{
	struct config_device_limits merged = {};

	for (size_t i = 0; i < into->n; i++)
		*list_add(&merged, arena) = into->v[i];
	for (size_t i = 0; i < changes->n; i++) {
		size_t k = 0;

		while (k < merged.n && strcmp(merged.v[k].path, changes->v[i].path) != 0)
			k++;
		if (k == merged.n)
			(void)list_add(&merged, arena);
		merged.v[k] = changes->v[i];
	}
	*into = merged;
}

static void merge(struct config *into, const struct config *changes, struct arena *arena)
{
	for (size_t i = 0; i < COUNT(numbers); i++)
		if (*GIVEN(changes, numbers[i], int64_t))
			*MEMBER(into, numbers[i], int64_t) = *GIVEN(changes, numbers[i], int64_t);
	for (size_t i = 0; i < COUNT(optional_numbers); i++)
		if (GIVEN(changes, optional_numbers[i], struct oci_i64)->is_set)
			*MEMBER(into, optional_numbers[i], struct oci_i64) =
				*GIVEN(changes, optional_numbers[i], struct oci_i64);
	for (size_t i = 0; i < COUNT(words); i++)
		if (*GIVEN(changes, words[i], char *))
			*MEMBER(into, words[i], char *) = *GIVEN(changes, words[i], char *);
	for (size_t i = 0; i < COUNT(lists); i++)
		merge_devices(MEMBER(into, lists[i], struct config_device_limits),
			      GIVEN(changes, lists[i], struct config_device_limits), arena);
	/* Swap is counted together with memory: without a limit of that there is none of both. */
	if (changes->memory_bytes == -1) {
		into->memory_bytes = 0;
		into->memory_swap_bytes = changes->memory_swap_bytes;
	}
	if (changes->memory_reservation_bytes == -1)
		into->memory_reservation_bytes = 0;
}

/* ------------------------------------------------------------------------------- the kernel */

static bool changes_devices(const struct config *changes)
{
	for (size_t i = 0; i < COUNT(lists); i++)
		if (GIVEN(changes, lists[i], struct config_device_limits)->n)
			return true;
	return false;
}

static struct oci_memory *memory_of(const struct config *config, const struct config *changes,
				    struct oci_memory *memory, struct arena *arena)
{
	const struct oci_i64 none = { true, -1 };

	if (!changes->memory_bytes && !changes->memory_swap_bytes &&
	    !changes->memory_reservation_bytes && !changes->memory_swappiness.is_set)
		return NULL;
	if (!memory)
		memory = arena_new(arena, struct oci_memory);
	if (!config->memory_bytes && changes->memory_bytes)
		memory->limit = memory->swap = none;
	if (!config->memory_reservation_bytes && changes->memory_reservation_bytes)
		memory->reservation = none;
	return memory;
}

static struct oci_cpu *cpu_of(const struct config *config, const struct config *changes,
			      struct oci_cpu *cpu, struct arena *arena)
{
	bool quota = changes->nano_cpus || changes->cpu_quota_us;

	if (!quota && !changes->cpu_shares && !changes->cpu_period_us && !changes->cpuset_cpus &&
	    !changes->cpuset_mems)
		return NULL;
	if (!cpu)
		cpu = arena_new(arena, struct oci_cpu);
	if (quota && !config->nano_cpus && !config->cpu_quota_us)
		cpu->quota = (struct oci_i64){ true, -1 };
	if (changes->cpu_shares && !config->cpu_shares)
		cpu->shares = (struct oci_u64){ true, DEFAULT_SHARES };
	if (changes->cpu_period_us && !config->cpu_period_us)
		cpu->period = (struct oci_u64){ true, DEFAULT_PERIOD_US };
	return cpu;
}

static struct oci_pids *pids_of(const struct config *changes, struct oci_pids *pids,
				struct arena *arena)
{
	if (!changes->pids_limit.is_set || pids)
		return changes->pids_limit.is_set ? pids : NULL;
	pids = arena_new(arena, struct oci_pids);
	pids->limit = (struct oci_i64){ true, -1 };
	return pids;
}

/* What `config` says of all that `changes` names: what it does not limit is without a limit. */
static int make_resources(const struct config *config, const struct config *changes,
			  struct arena *arena, struct oci_resources **ret, struct err *err)
{
	struct oci_resources *res = NULL;
	int r = spec_make_resources(config, arena, &res, err);

	if (r < 0)
		return r;
	res->devices.n = 0;
	res->memory = memory_of(config, changes, res->memory, arena);
	res->cpu = cpu_of(config, changes, res->cpu, arena);
	res->pids = pids_of(changes, res->pids, arena);
	if (!changes->blkio_weight && !changes_devices(changes))
		res->block_io = NULL;
	*ret = res;
	return 0;
}

/* ------------------------------------------------------------------------------- both */

struct update {
	const struct engine *engine;
	const struct entry *entry;
	struct config *config;                  /* as it will be */
	struct oci_resources *before, *after;
	bool runs;
};

static int plan(struct update *u, const struct config *changes, struct arena *arena,
		struct err *err)
{
	struct status *status = NULL;
	int r = entry_read_config(u->entry, arena, &u->config, err);

	if (r == 0)
		r = make_resources(u->config, changes, arena, &u->before, err);
	if (r < 0)
		return r;
	merge(u->config, changes, arena);
	r = make_resources(u->config, changes, arena, &u->after, err);
	if (r == 0)
		r = container_status(u->engine, u->entry, arena, &status, err);
	u->runs = r == 0 && (status->kind == STATUS_RUNNING || status->kind == STATUS_PAUSED);
	return r;
}

static int carry_out(const struct update *u, struct err *err)
{
	const struct rt *rt = &u->engine->rt;
	struct err ignored;
	int r = u->runs ? rt_update(rt, u->entry->id, u->after, err) : 0;

	if (r == 0)
		r = entry_replace_config(u->entry, u->config, err);
	if (r < 0 && u->runs)
		(void)rt_update(rt, u->entry->id, u->before, &ignored);
	return r;
}

int engine_update(const struct engine *engine, const char *who, const struct config *changes,
		  struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_arena struct arena arena = {};
	auto_close int hold_fd = -1;
	struct update update = { .engine = engine, .entry = &entry };
	int r = entry_open(engine, who, &entry, err);

	if (r == 0)
		r = entry_hold(&entry, &hold_fd, err);
	if (r == 0)
		r = plan(&update, changes, &arena, err);
	return r < 0 ? r : carry_out(&update, err);
}
