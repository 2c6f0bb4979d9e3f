/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cgroup views are binds of the container's own directories, cloned here. In a cgroup namespace a
 * bind and a mount of the filesystem look the same, and the bind needs no rights inside.
 */
#include "rt/plan_cgroup.h"

#include <linux/mount.h>
#include <string.h>

#define CGROUP_ATTR (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* The container's directory in one hierarchy, on `target`. */
static int add_tree(struct plan *plan, const struct cgroup_hierarchy *h, const char *target,
		    const struct mount_options *options, struct err *err)
{
	struct op_mount *arg = plan_new(plan, struct op_mount);
	int fd = mount_clone(h->dir_fd, "", false);

	if (fd < 0)
		return err_sys(err, -fd, "clone the cgroup for '%s'", target);
	*arg = (struct op_mount){
		.target = target,
		.tree_fd = plan_own_fd(plan, fd),
		.change = { .set = CGROUP_ATTR | options->set | options->set_rec,
			    .clear = options->clear },
		.propagation = MS_PRIVATE,
	};
	plan_add(plan, op_mount, arg, "mount the cgroup on '%s'", target);
	return 0;
}

/* "cpu" and "cpuacct" beside "cpu,cpuacct". */
static const char *const *link_list(struct plan *plan, const struct cgroup_hierarchy *hierarchies,
				    size_t n)
{
	const char **links;
	size_t n_links = 0;

	for (size_t i = 0; i < n; i++)
		n_links += hierarchies[i].n_links;
	if (!n_links)
		return NULL;
	links = arena_array(&plan->arena, const char *, 2 * n_links + 1);
	n_links = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < hierarchies[i].n_links; k++) {
			links[n_links++] = arena_strdup(&plan->arena, hierarchies[i].links[k]);
			links[n_links++] = arena_strdup(&plan->arena, hierarchies[i].mount_name);
		}
	}
	return links;
}

/* The cgroups themselves are made, and their mounts cloned, while the child is on its way. */
static void add_late(struct plan *plan, const struct oci_mount *mount,
		   const struct mount_options *options,
		   const struct cgroup_hierarchy *hierarchies, size_t n)
{
	struct op_mount_cgroups *arg = plan_new(plan, struct op_mount_cgroups);
	bool is_v2 = n == 1 && hierarchies[0].v2;
	const char **names = is_v2 ? NULL : arena_array(&plan->arena, const char *, n);

	for (size_t i = 0; i < n && !is_v2; i++)
		names[i] = arena_strdup(&plan->arena, hierarchies[i].mount_name);
	*arg = (struct op_mount_cgroups){
		.target = mount->destination,
		.names = names,
		.n = n,
		.links = link_list(plan, hierarchies, n),
		.change = { .set = CGROUP_ATTR | options->set | options->set_rec,
			    .clear = options->clear | options->clear_rec,
			    .propagation = MS_PRIVATE },
	};
	plan_add(plan, op_mount_cgroups, arg, "mount the cgroups on '%s'", mount->destination);
}

int plan_cgroup_mount(struct plan *plan, const struct oci_mount *mount,
		      const struct mount_options *options, struct err *err)
{
	struct cgroup_hierarchy hierarchies[CGROUPFS_TREES_MAX];
	size_t n;

	if (!plan->cg || !plan->is_privileged)
		return 0;
	n = cgroup_hierarchies(plan->cg, hierarchies);
	if (n == 1 && hierarchies[0].dir_fd >= 0)
		return add_tree(plan, &hierarchies[0], mount->destination, options, err);
	add_late(plan, mount, options, hierarchies, n);
	return 0;
}
