/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPUs and memory nodes. A new v1 group has none, and nobody can enter it until it has: it inherits
 * its parents' by hand. On v2 an empty list means the parents' already.
 */
#include "rt/cg.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define LIST_MAX_BYTES 4096 /* of a kernel's list: one page */

/* The files that must not be empty on v1, and the member of config.json for each. */
static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
static const char *const members[] = { "linux.resources.cpu.cpus", "linux.resources.cpu.mems" };

static const char *wanted(const struct oci_resources *res, size_t which)
{
	const char *list = NULL;

	if (res && res->cpu)
		list = which == 0 ? res->cpu->cpus : res->cpu->mems;
	return list && *list ? list : NULL;
}

static const char *asks(const struct oci_resources *res)
{
	for (size_t i = 0; i < 2; i++)
		if (wanted(res, i))
			return members[i];
	return NULL;
}

static int apply(int dir_fd, const struct oci_resources *res, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < 2 && r == 0; i++)
		if (wanted(res, i))
			r = cg_put(dir_fd, files[i], wanted(res, i), members[i], err);
	return r;
}

/* ------------------------------------------------------------------------------- inheriting */

/* Read `file` of the group at path[0..len]; the hierarchy's root for len 0. */
static int read_at(int mount_fd, const char *path, size_t len, const char *file, char *list)
{
	char name[PATH_MAX];

	if (snprintf(name, sizeof(name), "%.*s%s%s", (int)len, path, len ? "/" : "", file) >=
	    (int)sizeof(name))
		return -ENAMETOOLONG;
	return cgroupfs_read(mount_fd, name, list, LIST_MAX_BYTES);
}

static int write_at(int mount_fd, const char *path, size_t len, const char *file, const char *list)
{
	char name[PATH_MAX];

	if (snprintf(name, sizeof(name), "%.*s%s%s", (int)len, path, len ? "/" : "", file) >=
	    (int)sizeof(name))
		return -ENAMETOOLONG;
	return cgroupfs_write(mount_fd, name, list);
}

/* The end of the parent of path[0..len]: 0 for a group just below the root. */
static size_t parent_of(const char *path, size_t len)
{
	while (len > 0 && path[len - 1] != '/')
		len--;
	return len > 0 ? len - 1 : 0;
}

/*
 * Fill the group at path[0..len] of `file` from the nearest ancestor that has something, and the
 * empty ones between. `list` holds the value when this returns.
 */
static int fill(int mount_fd, const char *path, size_t len, const char *file, char *list)
{
	size_t at = len, next;
	int r;

	do {
		at = parent_of(path, at);
		r = read_at(mount_fd, path, at, file, list);
	} while (r == 0 && at > 0);
	while (r > 0 && at < len) {
		next = at ? at + 1 : 0;
		next += strcspn(path + next, "/");
		at = next > len ? len : next;
		r = write_at(mount_fd, path, at, file, list);
		r = r < 0 ? r : 1;
	}
	return r < 0 ? r : 0;
}

int cg_cpuset_inherit(const struct cgroupfs_tree *tree, const char *path,
		      const struct oci_resources *res, struct err *err)
{
	char list[LIST_MAX_BYTES];
	const char *below = path + 1; /* relative to the hierarchy's root */
	size_t len = strlen(below);
	int r;

	for (size_t i = 0; i < 2; i++) {
		/* what is asked for must still be had by the parents, so those are filled */
		size_t upto = wanted(res, i) ? parent_of(below, len) : len;

		if (upto == 0)
			continue;
		r = upto < len ? read_at(tree->mount_fd, below, upto, files[i], list) : 0;
		if (r == 0)
			r = fill(tree->mount_fd, below, upto, files[i], list);
		if (r < 0)
			return err_sys(err, -r, "fill '%s' of cgroup '%s' from its parents",
				       files[i], path);
	}
	return 0;
}

/* ------------------------------------------------------------------------------- statistics */

static const char *list_of(struct cgroup_stats *stats, int dir_fd, const char *file)
{
	char list[LIST_MAX_BYTES];

	if (cgroupfs_read(dir_fd, file, list, sizeof(list)) <= 0)
		return NULL;
	return arena_strdup(stats->arena, list);
}

static void stats_v1(int dir_fd, struct cgroup_stats *stats)
{
	stats->cpus = list_of(stats, dir_fd, "cpuset.cpus");
	stats->mems = list_of(stats, dir_fd, "cpuset.mems");
}

static void stats_v2(int dir_fd, struct cgroup_stats *stats)
{
	stats->cpus = list_of(stats, dir_fd, "cpuset.cpus.effective");
	stats->mems = list_of(stats, dir_fd, "cpuset.mems.effective");
}

const struct cg_controller cg_cpuset = {
	.controller = CGROUP_CPUSET,
	.asks = asks,
	.apply_v1 = apply,
	.apply_v2 = apply,
	.stats_v1 = stats_v1,
	.stats_v2 = stats_v2,
};
