/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory: limit, reservation, swap; and what was used of it.
 *
 * config.json counts swap as v1 does, memory and swap together; v2 has a limit for swap alone. On
 * v1 the limit may never be above that of both together, so when the two change, the order depends
 * on whether they grow or shrink: one is tried, then the other. Zeros ask for nothing, negative
 * numbers for no limit.
 */
#include "rt/cg.h"

#include "rt/rt.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define MEM "linux.resources.memory."

#define V1_LIMIT "memory.limit_in_bytes"
#define V1_BOTH  "memory.memsw.limit_in_bytes"

static bool given(struct oci_i64 v)
{
	return v.is_set && v.value != 0;
}

static const char *asks(const struct oci_resources *res)
{
	const struct oci_memory *mem = res->memory;

	if (!mem)
		return NULL;
	if (given(mem->limit))
		return MEM "limit";
	if (given(mem->reservation))
		return MEM "reservation";
	if (given(mem->swap))
		return MEM "swap";
	if (given(mem->kernel))
		return MEM "kernel";
	if (given(mem->kernel_tcp))
		return MEM "kernelTCP";
	if (mem->swappiness.is_set)
		return MEM "swappiness";
	if (mem->disable_oom_killer.is_set && mem->disable_oom_killer.value)
		return MEM "disableOOMKiller";
	return mem->use_hierarchy.is_set ? MEM "useHierarchy" : NULL;
}

/* Both limits are there and contradict each other. */
static int check(const struct oci_memory *mem, struct err *err)
{
	bool limited = given(mem->limit) && mem->limit.value > 0;

	if (given(mem->swap) && mem->swap.value > 0 && limited &&
	    mem->swap.value < mem->limit.value)
		return err_set(err, ERR_USAGE, EINVAL,
			       MEM "swap: %lld is below the memory limit %lld, which it includes",
			       (long long)mem->swap.value, (long long)mem->limit.value);
	if (mem->swappiness.is_set && mem->swappiness.value > 100)
		return err_set(err, ERR_USAGE, EINVAL, MEM "swappiness: %llu is above 100",
			       (unsigned long long)mem->swappiness.value);
	return 0;
}

/* checkBeforeUpdate: refuse a limit that would kill at once what is in use. */
static int check_usage(const struct oci_memory *mem, uint64_t used, struct err *err)
{
	if (!mem->check_before_update.is_set || !mem->check_before_update.value)
		return 0;
	if (!given(mem->limit) || mem->limit.value < 0 || used <= (uint64_t)mem->limit.value)
		return 0;
	return err_set(err, ERR_CONFLICT, EBUSY,
		       MEM "limit: %lld is below the %llu bytes in use (checkBeforeUpdate)",
		       (long long)mem->limit.value, (unsigned long long)used);
}

/* ------------------------------------------------------------------------------- v1 */

static int put(int dir_fd, const char *file, int64_t value, const char *member, struct err *err)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", value < 0 ? -1LL : (long long)value);
	return cg_put(dir_fd, file, text, member, err);
}

/* A kernel that does not account swap lacks the file of its limit. */
static int hint_swap(int r, struct err *err)
{
	return r == -ENOENT ? err_hint(err, "add this to the kernel's command line, and reboot:\n"
					    "      swapaccount=1")
			    : r;
}

/* The limit of both together. Kernels that do not account swap lack it: then none is none. */
static int put_both(int dir_fd, int64_t value, struct err *err)
{
	int r = put(dir_fd, V1_BOTH, value, MEM "swap", err);

	return r == -ENOENT && value < 0 ? 0 : hint_swap(r, err);
}

static int put_limits_v1(int dir_fd, const struct oci_memory *mem, struct err *err)
{
	bool unlimited = given(mem->limit) && mem->limit.value < 0;
	bool both = given(mem->swap) || unlimited;
	int64_t swap = given(mem->swap) ? mem->swap.value : -1;
	int r;

	if (!given(mem->limit))
		return both ? put_both(dir_fd, swap, err) : 0;
	r = put(dir_fd, V1_LIMIT, mem->limit.value, MEM "limit", err);
	if (r == 0)
		return both ? put_both(dir_fd, swap, err) : 0;
	if (r != -EINVAL || !both)
		return r;
	r = put_both(dir_fd, swap, err);
	return r < 0 ? r : put(dir_fd, V1_LIMIT, mem->limit.value, MEM "limit", err);
}

/* Limits of the kernel's own memory, which kernels since 5.4 deprecate and newer ones refuse; the
 * specification lets a runtime ignore them, so where there are none they are. */
static int put_kernel_v1(int dir_fd, struct oci_i64 value, const char *file, const char *member,
			 struct err *err)
{
	int r = given(value) ? put(dir_fd, file, value.value, member, err) : 0;

	return r == -EOPNOTSUPP || r == -ENOENT ? 0 : r;
}

static int apply_rest_v1(int dir_fd, const struct oci_memory *mem, struct err *err)
{
	int r = put_kernel_v1(dir_fd, mem->kernel, "memory.kmem.limit_in_bytes", MEM "kernel", err);

	if (r == 0)
		r = put_kernel_v1(dir_fd, mem->kernel_tcp, "memory.kmem.tcp.limit_in_bytes",
				  MEM "kernelTCP", err);
	if (r == 0 && given(mem->reservation))
		r = put(dir_fd, "memory.soft_limit_in_bytes", mem->reservation.value,
			MEM "reservation", err);
	if (r == 0 && mem->swappiness.is_set)
		r = cg_put_u64(dir_fd, "memory.swappiness", mem->swappiness.value,
			       MEM "swappiness", err);
	if (r == 0 && mem->disable_oom_killer.is_set && mem->disable_oom_killer.value)
		r = cg_put(dir_fd, "memory.oom_control", "1", MEM "disableOOMKiller", err);
	return r;
}

static int apply_v1(int dir_fd, const struct oci_resources *res, struct err *err)
{
	const struct oci_memory *mem = res->memory;
	int r = check(mem, err);

	if (r == 0 && mem->check_before_update.value)
		r = check_usage(mem, cg_stat(dir_fd, "memory.usage_in_bytes", 0), err);
	if (r == 0 && mem->use_hierarchy.is_set)
		r = cg_put(dir_fd, "memory.use_hierarchy", mem->use_hierarchy.value ? "1" : "0",
			   MEM "useHierarchy", err);
	if (r == 0)
		r = put_limits_v1(dir_fd, mem, err);
	return r < 0 ? r : apply_rest_v1(dir_fd, mem, err);
}

/* ------------------------------------------------------------------------------- v2 */

/* Without swap in the kernel there is no file: then no limit, and no swap, are true already. */
static int put_swap_v2(int dir_fd, int64_t value, struct err *err)
{
	int r = cg_put_max(dir_fd, "memory.swap.max", value, MEM "swap", err);

	return r == -ENOENT && value <= 0 ? 0 : hint_swap(r, err);
}

static int apply_swap_v2(int dir_fd, const struct oci_memory *mem, struct err *err)
{
	if (!given(mem->swap)) {
		if (given(mem->limit) && mem->limit.value < 0)
			return put_swap_v2(dir_fd, -1, err);
		return 0;
	}
	if (mem->swap.value < 0)
		return put_swap_v2(dir_fd, -1, err);
	if (!given(mem->limit) || mem->limit.value < 0)
		return err_set(err, ERR_USAGE, EINVAL,
			       MEM "swap: it includes memory, so it needs a limit of memory too");
	return put_swap_v2(dir_fd, mem->swap.value - mem->limit.value, err);
}

static int refuse_v2(const struct oci_memory *mem, struct err *err)
{
	if (mem->swappiness.is_set)
		return cg_no_v2(MEM "swappiness", err);
	if (mem->disable_oom_killer.is_set && mem->disable_oom_killer.value)
		return cg_no_v2(MEM "disableOOMKiller", err);
	return 0;
}

/* useHierarchy is always true here, and limits of kernel memory alone do not exist. */
static int apply_v2(int dir_fd, const struct oci_resources *res, struct err *err)
{
	const struct oci_memory *mem = res->memory;
	int r = check(mem, err);

	if (r == 0)
		r = refuse_v2(mem, err);
	if (r == 0 && mem->check_before_update.value)
		r = check_usage(mem,
				cg_stat(dir_fd, "memory.current", 0) +
					cg_stat(dir_fd, "memory.swap.current", 0),
				err);
	if (r == 0)
		r = apply_swap_v2(dir_fd, mem, err);
	if (r == 0 && given(mem->limit))
		r = cg_put_max(dir_fd, "memory.max", mem->limit.value, MEM "limit", err);
	if (r == 0 && given(mem->reservation))
		r = cg_put_max(dir_fd, "memory.low", mem->reservation.value, MEM "reservation",
			       err);
	return r;
}

/* ------------------------------------------------------------------------------- front */

/* The root of v2 has no limits to look for: there a kernel that can swap at all can limit it. */
bool rt_can_limit_swap(void)
{
	auto_cgroupfs struct cgroupfs fs = {};
	const struct cgroupfs_tree *v1;
	struct err ignored;

	if (cgroupfs_open(&fs, &ignored) < 0)
		return false;
	v1 = cgroupfs_find_v1(&fs, CGROUP_MEMORY);
	if (v1)
		return faccessat(v1->mount_fd, V1_BOTH, F_OK, 0) == 0;
	return cgroupfs_find_v2(&fs) && faccessat(AT_FDCWD, "/proc/swaps", F_OK, 0) == 0;
}

/* ------------------------------------------------------------------------------- statistics */

/* "memory", or "memory.memsw", "memory.kmem", "memory.kmem.tcp": four files each. */
static void usage_v1(int dir_fd, const char *prefix, struct cgroup_usage *usage)
{
	char file[64];

	(void)snprintf(file, sizeof(file), "%s.usage_in_bytes", prefix);
	usage->usage = cg_stat(dir_fd, file, 0);
	(void)snprintf(file, sizeof(file), "%s.max_usage_in_bytes", prefix);
	usage->max = cg_stat(dir_fd, file, 0);
	(void)snprintf(file, sizeof(file), "%s.failcnt", prefix);
	usage->failcnt = cg_stat(dir_fd, file, 0);
	(void)snprintf(file, sizeof(file), "%s.limit_in_bytes", prefix);
	usage->limit = cg_stat(dir_fd, file, 0);
}

static void stats_v1(int dir_fd, struct cgroup_stats *stats)
{
	struct cgroup_memory_stats *mem = &stats->memory;

	mem->n_raw = cg_stat_named(dir_fd, "memory.stat", stats->arena, &mem->raw);
	mem->cache = cg_named(mem->raw, mem->n_raw, "cache");
	usage_v1(dir_fd, "memory", &mem->usage);
	usage_v1(dir_fd, "memory.memsw", &mem->swap);
	usage_v1(dir_fd, "memory.kmem", &mem->kernel);
	usage_v1(dir_fd, "memory.kmem.tcp", &mem->kernel_tcp);
}

/* Swap is told as on v1, together with memory. */
static void stats_v2(int dir_fd, struct cgroup_stats *stats)
{
	struct cgroup_memory_stats *mem = &stats->memory;
	struct cgroup_named *events;
	size_t n;

	mem->n_raw = cg_stat_named(dir_fd, "memory.stat", stats->arena, &mem->raw);
	mem->cache = cg_named(mem->raw, mem->n_raw, "file");
	n = cg_stat_named(dir_fd, "memory.events", stats->arena, &events);
	mem->usage.usage = cg_stat(dir_fd, "memory.current", 0);
	mem->usage.max = cg_stat(dir_fd, "memory.peak", 0);
	mem->usage.limit = cg_stat(dir_fd, "memory.max", 0);
	mem->usage.failcnt = cg_named(events, n, "max");
	mem->swap.usage = cg_stat(dir_fd, "memory.swap.current", 0) + mem->usage.usage;
	mem->swap.limit = cg_stat(dir_fd, "memory.swap.max", 0);
	if (mem->swap.limit != UINT64_MAX)
		mem->swap.limit = mem->usage.limit == UINT64_MAX
					  ? UINT64_MAX
					  : mem->swap.limit + mem->usage.limit;
	mem->kernel.usage = cg_named(mem->raw, mem->n_raw, "kernel");
	cg_stat_psi(dir_fd, "memory.pressure", &mem->psi);
}

static uint64_t raw(const struct cgroup_memory_stats *mem, const char *name)
{
	return cg_named(mem->raw, mem->n_raw, name);
}

/* On v1 "inactive_file" leaves out the groups below, and usage does not. */
uint64_t cgroup_memory_needed(const struct cgroup_memory_stats *memory)
{
	uint64_t used = memory->usage.usage, spare = raw(memory, "total_inactive_file");

	if (!spare)
		spare = raw(memory, "inactive_file");
	return spare < used ? used - spare : used;
}

/* v1 has looked up already. On v2 each group on the way is asked; the root has no limit. */
uint64_t cgroup_memory_limit(const struct cgroup *cg, const struct cgroup_stats *stats)
{
	const struct cgroupfs_tree *tree = cgroupfs_find_v1(cg->fs, CGROUP_MEMORY);
	uint64_t limit = UINT64_MAX, its;

	if (tree) {
		limit = raw(&stats->memory, "hierarchical_memory_limit");
		return limit ? limit : UINT64_MAX;
	}
	tree = cgroupfs_find_v2(cg->fs);
	for (size_t len = strlen(cg->path); tree && len > 1; len--) {
		char file[PATH_MAX];

		if (cg->path[len] && cg->path[len] != '/')
			continue;
		(void)snprintf(file, sizeof(file), "%.*s/memory.max", (int)len - 1, cg->path + 1);
		its = cg_stat(tree->mount_fd, file, UINT64_MAX);
		limit = its < limit ? its : limit;
	}
	return limit;
}

const struct cg_controller cg_memory = {
	.controller = CGROUP_MEMORY,
	.asks = asks,
	.apply_v1 = apply_v1,
	.apply_v2 = apply_v2,
	.stats_v1 = stats_v1,
	.stats_v2 = stats_v2,
};
