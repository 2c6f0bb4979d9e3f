/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of a group: its memory, and how often it lacked some. */
#include "cg_tree.h"

static bool kills_are_counted_on_v1_and_v2(void)
{
	auto_tree struct tree v1 = {};
	auto_tree struct tree v2 = {};

	if (!CHECK(tree_make(&v1, "memory") && tree_make(&v2, NULL)))
		return false;
	put_file(&v1, "memory.oom_control", "oom_kill_disable 5\nunder_oom 0\noom_kill 2\n");
	put_file(&v2, "memory.events", "low 0\nhigh 0\nmax 9\noom 4\noom_kill 3\n"
				       "oom_group_kill 1\n");
	return CHECK(cgroup_oom_kills(&v1.cg) == 2) && CHECK(cgroup_oom_kills(&v2.cg) == 3);
}

static bool what_counts_no_kills_has_none(void)
{
	auto_tree struct tree old = {};
	auto_tree struct tree none = {};
	auto_tree struct tree other = {};

	if (!CHECK(tree_make(&old, "memory") && tree_make(&none, NULL) &&
		   tree_make(&other, "pids")))
		return false;
	put_file(&old, "memory.oom_control", "oom_kill_disable 1\nunder_oom 1\n");
	return CHECK(cgroup_oom_kills(&old.cg) == 0) && CHECK(cgroup_oom_kills(&none.cg) == 0) &&
	       CHECK(cgroup_oom_kills(&other.cg) == 0);
}

static struct cgroup_stats stats_of(const struct tree *t, struct arena *arena)
{
	struct cgroup_stats stats = {};

	(void)CHECK(cgroup_stats_read(&t->cg, arena, &stats, &err) == 0);
	return stats;
}

static bool file_cache_that_is_not_in_use_is_not_needed(void)
{
	auto_tree struct tree v1 = {};
	auto_tree struct tree v2 = {};
	auto_arena struct arena arena = {};
	struct cgroup_stats stats;

	if (!CHECK(tree_make(&v1, "memory") && tree_make(&v2, NULL)))
		return false;
	put_file(&v1, "memory.usage_in_bytes", "1000\n");
	put_file(&v1, "memory.stat", "inactive_file 5\ntotal_inactive_file 300\n");
	put_file(&v2, "memory.current", "1000\n");
	put_file(&v2, "memory.stat", "file 700\ninactive_file 400\n");
	stats = stats_of(&v1, &arena);
	if (!CHECK(cgroup_memory_needed(&stats.memory) == 700))
		return false;
	stats = stats_of(&v2, &arena);
	if (!CHECK(cgroup_memory_needed(&stats.memory) == 600))
		return false;
	put_file(&v2, "memory.current", "300\n"); /* the two files are not read at once */
	stats = stats_of(&v2, &arena);
	return CHECK(cgroup_memory_needed(&stats.memory) == 300);
}

static bool the_least_limit_above_counts(void)
{
	auto_tree struct tree v1 = {};
	auto_tree struct tree v2 = {};
	auto_arena struct arena arena = {};
	struct cgroup_stats stats;
	char below[128];

	if (!CHECK(tree_make(&v1, "memory") && tree_make(&v2, NULL)))
		return false;
	put_file(&v1, "memory.stat", "cache 1\nhierarchical_memory_limit 77\n");
	put_file(&v2, "memory.max", "500\n");
	(void)snprintf(below, sizeof(below), "%s/below", v2.group);
	if (!CHECK(mkdir(below, 0755) == 0))
		return false;
	put_file(&v2, "below/memory.max", "max\n");
	stats = stats_of(&v1, &arena);
	if (!CHECK(cgroup_memory_limit(&v1.cg, &stats) == 77) ||
	    !CHECK(cgroup_open(&v2.cg, "/box/below", &err) == 0))
		return false;
	stats = stats_of(&v2, &arena);
	if (!CHECK(cgroup_memory_limit(&v2.cg, &stats) == 500))
		return false;
	put_file(&v2, "below/memory.max", "300\n");
	if (!CHECK(cgroup_memory_limit(&v2.cg, &stats) == 300))
		return false;
	put_file(&v2, "memory.max", "max\n");
	put_file(&v2, "below/memory.max", "max\n");
	return CHECK(cgroup_memory_limit(&v2.cg, &stats) == UINT64_MAX);
}

int main(void)
{
	TEST(kills_are_counted_on_v1_and_v2);
	TEST(what_counts_no_kills_has_none);
	TEST(file_cache_that_is_not_in_use_is_not_needed);
	TEST(the_least_limit_above_counts);
	return tap_done();
}
