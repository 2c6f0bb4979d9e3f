/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a container's groups, and undoing just that.
 *
 * On v1 there is one in every hierarchy; cpuset's is filled so that it can be entered. On v2 the
 * controllers have to be enabled in every group above, of which the usual case needs none: what the
 * new group has tells. What existed before us is remembered, so that a failure leaves no trace and
 * takes nothing that is not ours.
 */
#include "rt/cg.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Container engines read these statistics, whether or not a limit is set. */
#define ACCOUNTING                                                                      \
	(CGROUP_BIT(CGROUP_CPU) | CGROUP_BIT(CGROUP_IO) | CGROUP_BIT(CGROUP_MEMORY) | \
	 CGROUP_BIT(CGROUP_PIDS))

/* ------------------------------------------------------------------------------- v2 */

/* "+cpu +memory" */
static void format_controllers(uint32_t bits, char *text, size_t cap)
{
	size_t len = 0;

	text[0] = '\0';
	for (int i = 0; i < CGROUP_CONTROLLER_MAX_ && len < cap; i++)
		if (bits & CGROUP_BIT(i))
			len += (size_t)snprintf(text + len, cap - len, "%s+%s", len ? " " : "",
						cgroup_controller_name((enum cgroup_controller)i));
}

/* Enable `bits` for the children of `dir`: together, or where that fails those that can be.
 * Returns the last reason against one of `required`, as a negative errno, or 0. */
static int enable_in(int mount_fd, const char *dir, uint32_t bits, uint32_t required)
{
	char text[256], file[PATH_MAX];
	int failure = 0, r;

	if (snprintf(file, sizeof(file), "%s%scgroup.subtree_control", dir, *dir ? "/" : "") >=
	    (int)sizeof(file))
		return -ENAMETOOLONG;
	format_controllers(bits, text, sizeof(text));
	if (cgroupfs_write(mount_fd, file, text) == 0)
		return 0;
	for (int i = 0; i < CGROUP_CONTROLLER_MAX_; i++) {
		if (!(bits & CGROUP_BIT(i)))
			continue;
		format_controllers(CGROUP_BIT(i), text, sizeof(text));
		r = cgroupfs_write(mount_fd, file, text);
		if (r < 0 && (required & CGROUP_BIT(i)))
			failure = r;
	}
	return failure;
}

/* Enable `bits` in every group from the root to the parent of `path`. The first failure counts. */
static int enable_down_to(int mount_fd, const char *path, uint32_t bits, uint32_t required)
{
	char dir[PATH_MAX];
	int failure = 0, r;

	for (const char *end = path; end; end = strchr(end + 1, '/')) {
		(void)snprintf(dir, sizeof(dir), "%.*s", end > path ? (int)(end - path - 1) : 0,
			       path + 1);
		r = enable_in(mount_fd, dir, bits, required);
		if (failure == 0)
			failure = r;
	}
	return failure;
}

int cg_enable_v2(struct cgroup *cg, const struct oci_resources *res, struct err *err)
{
	const struct cgroupfs_tree *tree = cgroupfs_find_v2(cg->fs);
	uint32_t required = cg_v2_needs(cg, res), wanted = required, has = 0;
	int dir_fd = cgroup_v2_fd(cg), failure, r;

	if (cg->fs->mode == CGROUP_V2)
		wanted |= ACCOUNTING;
	r = wanted ? cgroupfs_read_controllers(dir_fd, "cgroup.controllers", &has) : 0;
	if (r < 0)
		return err_sys(err, -r, "read the controllers of cgroup '%s'", cg->path);
	if (!(wanted & ~has))
		return 0;
	failure = enable_down_to(tree->mount_fd, cg->path, wanted & ~has, required);
	if (!(required & ~has))
		return 0;
	r = cgroupfs_read_controllers(dir_fd, "cgroup.controllers", &has);
	if (r < 0)
		return err_sys(err, -r, "read the controllers of cgroup '%s'", cg->path);
	for (int i = 0; r == 0 && i < CGROUP_CONTROLLER_MAX_; i++) {
		enum cgroup_controller controller = (enum cgroup_controller)i;

		if (required & ~has & CGROUP_BIT(i))
			r = cg_missing_or_leave(cg, controller, cg_v2_member(res, controller),
						failure, err);
	}
	return r;
}

/* ------------------------------------------------------------------------------- directories */

/* Make each missing group of `path`. *made: the length of the first that we made, 0 for none. */
static int make_all(int mount_fd, const char *path, size_t *made)
{
	const char *end = path;

	while (*end) {
		char dir[PATH_MAX];

		end += 1 + strcspn(end + 1, "/");
		if (snprintf(dir, sizeof(dir), "%.*s", (int)(end - path - 1), path + 1) >=
		    (int)sizeof(dir))
			return -ENAMETOOLONG;
		if (mkdirat(mount_fd, dir, 0755) == 0) {
			if (*made == 0)
				*made = strlen(dir) + 1;
		} else if (errno != EEXIST) {
			return -errno;
		}
	}
	return 0;
}

/* The same, hoping that all but the last are there. */
static int make_dir(int mount_fd, const char *path, size_t *made)
{
	int r = 0;

	if (mkdirat(mount_fd, path + 1, 0755) == 0)
		*made = strlen(path);
	else if (errno == ENOENT)
		r = make_all(mount_fd, path, made);
	else if (errno != EEXIST)
		r = -errno;
	return r;
}

static int check_unused(const struct cgroup *cg, size_t i, struct err *err)
{
	int r = cg_dir_populated(cg->dir_fds[i]);

	if (r > 0)
		return err_set(err, ERR_CONFLICT, EBUSY,
			       "container's cgroup is not empty: '%s' holds processes", cg->path);
	return r < 0 ? err_sys(err, -r, "read the processes of cgroup '%s'", cg->path) : 0;
}

static int make_in(struct cgroup *cg, size_t i, unsigned flags, struct err *err)
{
	const struct cgroupfs_tree *tree = &cg->fs->trees[i];
	int r = make_dir(tree->mount_fd, cg->path, &cg->made[i]);

	if (r < 0 && cg_is_denied(-r) && (cg->flags & CGROUP_ROOTLESS))
		return 0;
	if (r == 0) {
		cg->dir_fds[i] = openat(tree->mount_fd, cg->path + 1,
					O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = cg->dir_fds[i] < 0 ? -errno : 0;
	}
	if (r < 0)
		return err_sys(err, -r, "make cgroup '%s' (%s)", cg->path, cg_tree_label(tree));
	if (cg->made[i] == 0 && !(flags & CGROUP_MAY_EXIST))
		return check_unused(cg, i, err);
	return 0;
}

static int make_everywhere(struct cgroup *cg, const struct oci_resources *res, unsigned flags,
			   struct err *err)
{
	bool v2 = cg_uses_v2(cg, res);
	struct err ignored;
	int r = 0;

	for (size_t i = 0; i < cg->fs->n && r == 0; i++) {
		const struct cgroupfs_tree *tree = &cg->fs->trees[i];

		if (tree->v2 && !v2) {
			if (flags & CGROUP_EVERYWHERE)
				(void)make_in(cg, i, flags, &ignored);
			continue;
		}
		r = make_in(cg, i, flags, err);
		if (r == 0 && cg->made[i] && (tree->controllers & CGROUP_BIT(CGROUP_CPUSET)))
			r = cg_cpuset_inherit(tree, cg->path, res, err);
	}
	if (r == 0 && v2 && cgroup_v2_fd(cg) >= 0)
		r = cg_enable_v2(cg, res, err);
	return r;
}

/* Without this the kernel's own words would blame a file; with it, config.json is blamed first. */
static int check_asked(const struct cgroup *cg, const struct oci_resources *res, struct err *err)
{
	int r = cg_unified_check(res, err);

	if (r == 0 && res && res->unified.n && !cgroupfs_find_v2(cg->fs))
		return err_set(err, ERR_USAGE, EOPNOTSUPP,
			       "linux.resources.unified: '%s' needs cgroup v2, "
			       "which is not mounted",
			       res->unified.v[0].key);
	return r;
}

int cgroup_create(struct cgroup *cg, const char *path, const struct oci_resources *resources,
		  unsigned flags, struct err *err)
{
	int r = check_asked(cg, resources, err);

	if (r < 0)
		return r;
	cgroup_done(cg);
	cg->path = strdup(path);
	r = make_everywhere(cg, resources, flags, err);
	if (r < 0)
		cgroup_unmake(cg);
	return r;
}

/* Remove path[..] component by component, from its end to where our making began. */
static void unmake_in(int mount_fd, const char *path, size_t made)
{
	char dir[PATH_MAX];

	(void)snprintf(dir, sizeof(dir), "%s", path);
	while (strlen(dir) >= made && dir[1]) {
		if (unlinkat(mount_fd, dir + 1, AT_REMOVEDIR) < 0)
			return;
		*strrchr(dir, '/') = '\0';
	}
}

void cgroup_unmake(struct cgroup *cg)
{
	for (size_t i = 0; i < cg->fs->n; i++) {
		if (cg->made[i])
			unmake_in(cg->fs->trees[i].mount_fd, cg->path, cg->made[i]);
		cg->made[i] = 0;
		closep(&cg->dir_fds[i]);
		cg->dir_fds[i] = -1;
	}
}
