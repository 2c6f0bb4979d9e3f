/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits: the table of controllers, who needs which of them, and how one is written.
 *
 * For each controller that the resources ask for, the group of the hierarchy that bears it is
 * found: a v1 hierarchy before the v2 tree, since a controller is only ever in one of the two. What
 * a controller's files are is known to rt/cg_NAME.c alone. No file is written that nobody asked
 * for.
 */
#include "rt/cg.h"

#include <stdio.h>
#include <string.h>

static const struct cg_controller *const rows[] = {
	&cg_cpu,
	&cg_cpuacct,
	&cg_cpuset,
	&cg_memory,
	&cg_pids,
	&cg_blkio,
	&cg_hugetlb,
	&cg_rdma,
	&cg_net_cls,
	&cg_net_prio,
};

#define N_ROWS (sizeof(rows) / sizeof(*rows))

/* ------------------------------------------------------------------------------- writing */

const char *cg_reason(int no)
{
	switch (no) {
	case EINVAL:
		return "the kernel does not accept this value here";
	case ERANGE:
		return "the value is out of the kernel's range";
	case EBUSY:
		return "more than this is in use, or a process of the group stands in the way";
	case ENOENT:
		return "this kernel does not have it";
	case EOPNOTSUPP:
		return "this kernel does not support it";
	case ENODEV:
	case ENXIO:
		return "there is no such device";
	case ENOSPC:
		return "the group would be left without CPUs or memory nodes";
	case EACCES:
		return "no permission, or not within what the parent group has";
	default:
		return strerror(no);
	}
}

/* A value of config.json that the kernel refused is the caller's mistake; the rest is not. */
static enum err_kind kind_of(int no)
{
	return no == EINVAL || no == ERANGE || no == ENODEV || no == ENXIO ? ERR_USAGE : ERR_SYSTEM;
}

int cg_put(int dir_fd, const char *file, const char *text, const char *member, struct err *err)
{
	int r = cgroupfs_write(dir_fd, file, text);

	if (r == 0)
		return 0;
	return err_set(err, kind_of(-r), -r, "%s: write '%s' to '%s': %s", member, text, file,
		       cg_reason(-r));
}

int cg_put_u64(int dir_fd, const char *file, uint64_t value, const char *member, struct err *err)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return cg_put(dir_fd, file, text, member, err);
}

int cg_put_max(int dir_fd, const char *file, int64_t value, const char *member, struct err *err)
{
	if (value < 0)
		return cg_put(dir_fd, file, "max", member, err);
	return cg_put_u64(dir_fd, file, (uint64_t)value, member, err);
}

int cg_put_dev(int dir_fd, const char *file, const struct cg_dev_value *dev, const char *member,
	       struct err *err)
{
	char text[96];

	(void)snprintf(text, sizeof(text), "%lld:%lld %s%s%llu", (long long)dev->major,
		       (long long)dev->minor, dev->key ? dev->key : "", dev->key ? "=" : "",
		       (unsigned long long)dev->value);
	return cg_put(dir_fd, file, text, member, err);
}

int cg_no_v2(const char *member, struct err *err)
{
	return err_set(err, ERR_USAGE, EOPNOTSUPP, "%s: cgroup v2 has no such limit", member);
}

/* ------------------------------------------------------------------------------- who needs what */

/* The controller that a key of `unified` belongs to, or -ENOENT. */
static int unified_controller(const char *key)
{
	return cgroup_controller_parse(key, strcspn(key, "."));
}

const char *cg_v2_member(const struct oci_resources *res, enum cgroup_controller controller)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i]->controller == controller && rows[i]->asks(res))
			return rows[i]->asks(res);
	return "linux.resources.unified";
}

uint32_t cg_v2_needs(const struct cgroup *cg, const struct oci_resources *res)
{
	uint32_t bits = 0;
	int controller;

	for (size_t i = 0; res && i < N_ROWS; i++)
		if (rows[i]->apply_v2 && !cgroupfs_find_v1(cg->fs, rows[i]->controller) &&
		    rows[i]->asks(res))
			bits |= CGROUP_BIT(rows[i]->controller);
	for (size_t i = 0; res && i < res->unified.n; i++) {
		controller = unified_controller(res->unified.v[i].key);
		if (controller >= 0)
			bits |= CGROUP_BIT(controller);
	}
	return bits;
}

bool cg_uses_v2(const struct cgroup *cg, const struct oci_resources *res)
{
	if (cg->fs->mode != CGROUP_HYBRID)
		return cg->fs->mode == CGROUP_V2;
	return (res && res->unified.n > 0) || cg_v2_needs(cg, res) ||
	       !cgroupfs_find_v1(cg->fs, CGROUP_DEVICES) ||
	       !cgroupfs_find_v1(cg->fs, CGROUP_FREEZER);
}

/* ------------------------------------------------------------------------------- applying */

/* The container's group that bears a controller: its descriptor, or -1. */
static int group_of(const struct cgroup *cg, const struct cgroupfs_tree *tree)
{
	return tree ? cg->dir_fds[tree - cg->fs->trees] : -1;
}

static int apply_row(struct cgroup *cg, const struct cg_controller *row,
		     const struct oci_resources *res, struct err *err)
{
	const struct cgroupfs_tree *tree = cgroupfs_find_v1(cg->fs, row->controller);
	const char *member = row->asks(res);
	int dir_fd;

	if (!member || (cg->left_out & CGROUP_BIT(row->controller)))
		return 0;
	if (!tree && cg->fs->mode == CGROUP_V2 && !row->apply_v2)
		return cg_no_v2(member, err);
	if (!tree && row->apply_v2)
		tree = cgroupfs_find_v2(cg->fs);
	dir_fd = group_of(cg, tree);
	if (dir_fd < 0)
		return cg_missing_or_leave(cg, row->controller, member, 0, err);
	return tree->v2 ? row->apply_v2(dir_fd, res, err) : row->apply_v1(dir_fd, res, err);
}

static int apply_limits(struct cgroup *cg, const struct oci_resources *res, struct err *err)
{
	int r;

	for (size_t i = 0; i < N_ROWS; i++) {
		r = apply_row(cg, rows[i], res, err);
		if (r < 0)
			return r;
	}
	if (res->unified.n == 0)
		return 0;
	if (cgroup_v2_fd(cg) < 0)
		return err_set(err, ERR_USAGE, EOPNOTSUPP,
			       "linux.resources.unified: '%s' needs cgroup v2, which is not %s",
			       res->unified.v[0].key,
			       cgroupfs_find_v2(cg->fs) ? "in use for this container" : "mounted");
	return cg_unified_apply(cgroup_v2_fd(cg), res, err);
}

int cgroup_apply(struct cgroup *cg, const struct oci_resources *resources, struct err *err)
{
	int r = resources ? apply_limits(cg, resources, err) : 0;

	return r < 0 ? r : cg_devices_apply(cg, resources, false, err);
}

int cgroup_update(struct cgroup *cg, const struct oci_resources *resources, struct err *err)
{
	int r;

	if (!resources)
		return 0;
	r = cg_unified_check(resources, err);
	if (r == 0 && cgroup_v2_fd(cg) >= 0)
		r = cg_enable_v2(cg, resources, err);
	if (r == 0)
		r = apply_limits(cg, resources, err);
	if (r == 0 && resources->devices.n > 0)
		r = cg_devices_apply(cg, resources, true, err);
	return r < 0 ? r : 0;
}

/* ------------------------------------------------------------------------------- statistics */

int cgroup_stats_read(const struct cgroup *cg, struct arena *arena, struct cgroup_stats *ret_stats,
		      struct err *err)
{
	*ret_stats = (struct cgroup_stats){ .arena = arena };
	if (!cg->path)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "no cgroup is open");
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct cgroupfs_tree *tree = cgroupfs_find_v1(cg->fs, rows[i]->controller);

		if (group_of(cg, tree) >= 0) {
			if (rows[i]->stats_v1)
				rows[i]->stats_v1(group_of(cg, tree), ret_stats);
		} else if (!tree && cgroup_v2_fd(cg) >= 0 && rows[i]->stats_v2) {
			rows[i]->stats_v2(cgroup_v2_fd(cg), ret_stats);
		}
	}
	return 0;
}
