/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's control groups: its path, its open directories, and how they look from inside.
 *
 * A group has the same path in every hierarchy. Each is opened once, and all else happens below
 * those descriptors. Making is in rt/cg_make.c, limits in cg_limits.c, processes in cg_procs.c and
 * cg_freeze.c, the end in cg_remove.c.
 */
#include "rt/cgroup.h"

#include "rt/cg.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

void cgroup_init(struct cgroup *cg, const struct cgroupfs *fs, unsigned flags)
{
	*cg = (struct cgroup){ .fs = fs, .flags = flags };
	for (size_t i = 0; i < CGROUPFS_TREES_MAX; i++)
		cg->dir_fds[i] = -1;
}

void cgroup_done(struct cgroup *cg)
{
	if (!cg->fs)
		return;
	for (size_t i = 0; i < cg->fs->n; i++)
		closep(&cg->dir_fds[i]);
	free(cg->path);
	cgroup_init(cg, cg->fs, cg->flags);
}

/* ------------------------------------------------------------------------------- paths */

/* Add the components of `path` to `ret`, each with a slash before it. */
static int add_components(const char *path, const char *member, struct buf *ret, struct err *err)
{
	const char *at = path;

	while (*at) {
		size_t len = strcspn(at, "/");

		if (len == 2 && memcmp(at, "..", 2) == 0)
			return err_set(err, ERR_USAGE, EINVAL, "%s: '%s' has a '..' in it", member,
				       path);
		if (len > 0 && !(len == 1 && *at == '.')) {
			buf_puts(ret, "/");
			buf_add(ret, at, len);
		}
		at += len + (at[len] == '/');
	}
	return 0;
}

int cgroup_path_resolve(const char *cgroups_path, const char *id, struct buf *ret_path,
			struct err *err)
{
	size_t before = ret_path->len;
	int r;

	if (!cgroups_path || !*cgroups_path)
		return add_components(id, "id", ret_path, err);
	r = add_components(cgroups_path, "linux.cgroupsPath", ret_path, err);
	if (r == 0 && ret_path->len == before)
		return err_set(err, ERR_USAGE, EINVAL,
			       "linux.cgroupsPath: '%s' is the root of all cgroups", cgroups_path);
	return r;
}

/* ------------------------------------------------------------------------------- opening */

const char *cg_tree_label(const struct cgroupfs_tree *tree)
{
	return tree->v2 ? "unified" : tree->name;
}

bool cg_is_denied(int no)
{
	return no == EACCES || no == EPERM || no == EROFS;
}

int cgroup_open(struct cgroup *cg, const char *path, struct err *err)
{
	bool found = false;

	cgroup_done(cg);
	cg->path = strdup(path);
	for (size_t i = 0; i < cg->fs->n; i++) {
		cg->dir_fds[i] = openat(cg->fs->trees[i].mount_fd, path + 1,
					O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		found |= cg->dir_fds[i] >= 0;
		if (cg->dir_fds[i] < 0 && errno != ENOENT && !cg_is_denied(errno))
			return err_sys(err, errno, "open cgroup '%s' (%s)", path,
				       cg_tree_label(&cg->fs->trees[i]));
	}
	return found ? 0 : err_set(err, ERR_NOT_FOUND, ENOENT, "no cgroup '%s'", path);
}

int cgroup_open_sub(struct cgroup *cg, const struct cgroup *parent, const char *sub,
		    struct err *err)
{
	auto_buf struct buf path = {};
	int r;

	buf_puts(&path, parent->path);
	r = add_components(sub, "cgroup", &path, err);
	return r < 0 ? r : cgroup_open(cg, buf_str(&path), err);
}

/* Open the group of `tree` that the process is in. A path that leaves what is mounted, "/..", has
 * nothing to open. */
static int open_of_pid(const struct cgroupfs_tree *tree, pid_t host_pid, int *ret_fd,
		       struct err *err)
{
	auto_buf struct buf path = {};
	int r = cgroupfs_path_of(tree, host_pid, &path, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (strncmp(buf_str(&path), "/..", 3) == 0)
		return 0;
	*ret_fd = openat(tree->mount_fd, path.len > 1 ? path.data + 1 : ".",
			 O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*ret_fd < 0 && errno != ENOENT && !cg_is_denied(errno))
		return err_sys(err, errno, "open cgroup '%s' (%s)", buf_str(&path),
			       cg_tree_label(tree));
	return 0;
}

int cgroup_open_pid(struct cgroup *cg, pid_t host_pid, struct err *err)
{
	int r = 0;

	cgroup_done(cg);
	cg->path = strdup("/"); /* not one group but several: see cg_check_owned */
	for (size_t i = 0; i < cg->fs->n && r == 0; i++)
		r = open_of_pid(&cg->fs->trees[i], host_pid, &cg->dir_fds[i], err);
	return r;
}

int cg_check_owned(const struct cgroup *cg, struct err *err)
{
	if (cg->path && cg->path[0] == '/' && cg->path[1])
		return 0;
	return err_set(err, ERR_USAGE, EINVAL, "the cgroup is a process's, not a container's");
}

int cgroup_v2_fd(const struct cgroup *cg)
{
	const struct cgroupfs_tree *tree = cgroupfs_find_v2(cg->fs);

	return tree ? cg->dir_fds[tree - cg->fs->trees] : -1;
}

/* ------------------------------------------------------------------------------- views */

static void name_links(struct cgroup_hierarchy *view)
{
	const char *at = view->mount_name;

	if (!strchr(at, ','))
		return;
	while (*at && view->n_links < sizeof(view->links) / sizeof(view->links[0])) {
		size_t len = strcspn(at, ",");

		if (len < sizeof(view->links[0]))
			(void)snprintf(view->links[view->n_links++], sizeof(view->links[0]), "%.*s",
				       (int)len, at);
		at += len + (at[len] == ',');
	}
}

size_t cgroup_hierarchies(const struct cgroup *cg, struct cgroup_hierarchy *ret)
{
	for (size_t i = 0; i < cg->fs->n; i++) {
		const struct cgroupfs_tree *tree = &cg->fs->trees[i];
		bool named = strncmp(tree->name, "name=", 5) == 0;
		const char *name = named ? tree->name + 5 : tree->name;

		ret[i] = (struct cgroup_hierarchy){ .v2 = tree->v2,
						    .dir_fd = cg->dir_fds[i],
						    .mount_fd = tree->mount_fd };
		if (tree->v2 && cg->fs->mode == CGROUP_HYBRID)
			name = "unified";
		(void)snprintf(ret[i].mount_name, sizeof(ret[i].mount_name), "%s", name);
		(void)snprintf(ret[i].option, sizeof(ret[i].option), "%s%s", named ? "none," : "",
			       tree->name);
		name_links(&ret[i]);
	}
	return cg->fs->n;
}
