/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control groups of a process: where it is in each hierarchy, and of what people limit, how
 * much there may be and is. Every controller tells it in its own way; rt/cgroup_stats.h evens that
 * out.
 */
#include "engine/nsview.h"

#include "rt/cgroup.h"
#include "rt/cgroup_stats.h"

/* v1 says "no limit" by the largest multiple of a page that a signed number holds. */
#define NO_LIMIT_FROM ((uint64_t)INT64_MAX >> 12 << 12)

static struct oci_u64 known(uint64_t value)
{
	return (struct oci_u64){ value != 0, value };
}

static struct nsview_usage usage_of(uint64_t used, uint64_t limit)
{
	return (struct nsview_usage){ known(used), known(limit >= NO_LIMIT_FROM ? 0 : limit) };
}

static void list_groups(const struct cgroupfs *fs, pid_t host_pid, struct arena *arena,
			struct nsview_cgroup *ret)
{
	ret->groups.v = arena_array(arena, struct nsview_group, fs->n + 1);
	for (size_t i = 0; i < fs->n; i++) {
		auto_buf struct buf path = {};
		struct err ignored = {};

		if (cgroupfs_path_of(&fs->trees[i], host_pid, &path, &ignored) < 0)
			continue;
		ret->groups.v[ret->groups.n++] = (struct nsview_group){
			arena_strdup(arena, fs->trees[i].name),
			arena_strdup(arena, buf_str(&path)),
		};
	}
}

static void take_stats(const struct cgroup_stats *stats, struct arena *arena,
		       struct nsview_cgroup *ret)
{
	ret->memory_bytes = usage_of(stats->memory.usage.usage, stats->memory.usage.limit);
	ret->processes = usage_of(stats->pids_current, stats->pids_limit);
	ret->cpu_used_ns = known(stats->cpu.total_ns);
	ret->cpu_quota_us = known(stats->cpu.quota_us);
	ret->cpu_period_us = known(stats->cpu.quota_us ? stats->cpu.period_us : 0);
	if (stats->cpus && *stats->cpus)
		ret->cpus = arena_strdup(arena, stats->cpus);
}

void nsview_cgroup_read(pid_t host_pid, struct arena *arena, struct nsview_cgroup *ret)
{
	auto_cgroupfs struct cgroupfs fs = {};
	auto_cgroup struct cgroup cg = {};
	struct cgroup_stats stats;
	struct err err = {};
	int r = cgroupfs_open(&fs, &err);

	*ret = (struct nsview_cgroup){};
	if (r == 0) {
		list_groups(&fs, host_pid, arena, ret);
		cgroup_init(&cg, &fs, 0);
		r = cgroup_open_pid(&cg, host_pid, &err);
	}
	if (r == 0)
		r = cgroup_stats_read(&cg, arena, &stats, &err);
	if (r == 0)
		take_stats(&stats, arena, ret);
	else
		ret->unreadable = arena_strdup(arena, err.msg);
}
