/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The number of tasks. Zero means one here: the container's first process must fit, and it could
 * not be cloned into a v2 group that admits none. Negative is no limit.
 */
#include "rt/cg.h"

static const char *asks(const struct oci_resources *res)
{
	return res->pids && res->pids->limit.is_set ? "linux.resources.pids.limit" : NULL;
}

static int apply(int dir_fd, const struct oci_resources *res, struct err *err)
{
	int64_t limit = res->pids->limit.value;

	return cg_put_max(dir_fd, "pids.max", limit == 0 ? 1 : limit, asks(res), err);
}

static void stats(int dir_fd, struct cgroup_stats *stats)
{
	stats->pids_current = cg_stat(dir_fd, "pids.current", 0);
	stats->pids_limit = cg_stat(dir_fd, "pids.max", 0);
	if (stats->pids_limit == UINT64_MAX)
		stats->pids_limit = 0;
}

const struct cg_controller cg_pids = {
	.controller = CGROUP_PIDS,
	.asks = asks,
	.apply_v1 = apply,
	.apply_v2 = apply,
	.stats_v1 = stats,
	.stats_v2 = stats,
};
