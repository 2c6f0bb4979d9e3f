/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root filesystem itself: where it comes from, how mounts travel to and from it, and what is
 * done to it last, when nothing more has to be made in it.
 */
#include "rt/plan.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <string.h>

static const struct {
	const char *name;
	uint64_t propagation;
	bool recursive;
} propagations[] = {
	{ "shared", MS_SHARED, false },	      { "rshared", MS_SHARED, true },
	{ "slave", MS_SLAVE, false },	      { "rslave", MS_SLAVE, true },
	{ "private", MS_PRIVATE, false },     { "rprivate", MS_PRIVATE, true },
	{ "unbindable", MS_UNBINDABLE, false }, { "runbindable", MS_UNBINDABLE, true },
};

/* What config.json says, or how it is by default: the container sees the host's mounts come and go
 * below its root, the host nothing of the container's. */
static void root_propagation(const struct oci_spec *spec, uint64_t *ret, bool *ret_recursive)
{
	const char *name = spec->linux_->rootfs_propagation;

	*ret = MS_SLAVE;
	*ret_recursive = true;
	for (size_t i = 0; name && i < sizeof(propagations) / sizeof(propagations[0]); i++) {
		if (strcmp(name, propagations[i].name) != 0)
			continue;
		*ret = propagations[i].propagation;
		*ret_recursive = propagations[i].recursive;
	}
}

int plan_root(struct plan *plan, const struct oci_spec *spec, const char *rootfs, struct err *err)
{
	struct op_root *root = plan_new(plan, struct op_root);
	auto_close int dir_fd = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir_fd < 0)
		return err_sys(err, errno, "root.path: open '%s'", rootfs);
	*root = (struct op_root){ .tree_fd = -1, .path = arena_strdup(&plan->arena, rootfs) };
	if (!plan->has_mount_ns) {
		plan_add(plan, op_chroot, root, "change the root to '%s'", rootfs);
		return 0;
	}
	root_propagation(spec, &root->propagation, &root->recursive);
	/* An unbindable root could not be attached, a shared one not be pivoted to: they become so
	 * in the end. */
	if (root->propagation == MS_UNBINDABLE)
		root->propagation = MS_PRIVATE;
	if (root->propagation == MS_SHARED)
		root->propagation = MS_SLAVE;
	root->tree_fd = mount_clone(AT_FDCWD, rootfs, true);
	if (root->tree_fd >= 0)
		plan_own_fd(plan, root->tree_fd);
	else if (root->tree_fd == -EPERM)
		plan->is_privileged = false; /* the child will have the right */
	else
		return err_sys(err, -root->tree_fd, "root.path: clone '%s'", rootfs);
	plan_add(plan, op_attach_root, root, "attach the root filesystem '%s'", rootfs);
	return 0;
}

void plan_masks(struct plan *plan, const struct oci_spec *spec)
{
	const struct oci_linux *l = spec->linux_;

	for (size_t i = 0; i < l->masked_paths.n; i++) {
		struct op_text *path = plan_new(plan, struct op_text);

		path->text = l->masked_paths.v[i];
		plan_add(plan, op_mask_path, path, "linux.maskedPaths[%zu]: mask '%s'", i,
			 path->text);
	}
	for (size_t i = 0; i < l->readonly_paths.n; i++) {
		struct op_text *path = plan_new(plan, struct op_text);

		path->text = l->readonly_paths.v[i];
		plan_add(plan, op_readonly_path, path,
			 "linux.readonlyPaths[%zu]: make '%s' read-only", i, path->text);
	}
}

void plan_root_end(struct plan *plan, const struct oci_spec *spec)
{
	struct op_propagation *p = plan_new(plan, struct op_propagation);

	if (!plan->has_mount_ns)
		return;
	if (plan->no_pivot)
		plan_add(plan, op_move_root, NULL, "move the root filesystem to '/'");
	else
		plan_add(plan, op_pivot_root, NULL, "pivot into the root filesystem");
	plan_seal_mounts(plan);
	root_propagation(spec, &p->propagation, &p->recursive);
	if (p->propagation == MS_SHARED || p->propagation == MS_UNBINDABLE)
		plan_add(plan, op_root_propagation, p, "linux.rootfsPropagation: make it '%s'",
			 spec->linux_->rootfs_propagation);
	if (spec->root->readonly)
		plan_add(plan, op_root_readonly, NULL, "root.readonly: make the root read-only");
}
