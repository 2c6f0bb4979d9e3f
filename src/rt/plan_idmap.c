/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Idmapped binds. A mount with mappings of its own gets a user namespace made for them; one that
 * only says "idmap" is mapped as the container's processes are. mount_setattr(2), MOUNT_ATTR_IDMAP.
 */
#include "rt/plan_idmap.h"

#include "base/cleanup.h"
#include "rt/furnish.h"

#include <linux/mount.h>

struct plan_idmapped {
	struct plan_idmapped *next;
	const struct oci_mount *mount;
	int tree_fd;
	bool recursive;
};

int plan_idmap(struct plan *plan, const struct oci_mount *mount,
	       const struct mount_options *options, struct op_mount *arg, struct err *err)
{
	struct plan_idmapped *note;

	if (!options->idmap && !mount->uid_mappings.n)
		return 0;
	if (!mount->uid_mappings.n && !plan->in_userns)
		return err_set(err, ERR_USAGE, EINVAL,
			       "options: idmap needs uidMappings, or a user namespace");
	if (arg->tree_fd < 0)
		return err_set(err, ERR_USAGE, EPERM,
			       "uidMappings: mapping a mount needs the host's root");
	note = plan_new(plan, struct plan_idmapped);
	*note = (struct plan_idmapped){ .next = plan->idmapped,
					.mount = mount,
					.tree_fd = arg->tree_fd,
					.recursive = options->idmap == MOUNT_RIDMAP };
	plan->idmapped = note;
	return 0;
}

static int map_one(const struct plan_idmapped *note, int userns_fd, struct err *err)
{
	struct mount_change change = { .set = MOUNT_ATTR_IDMAP, .userns_fd = userns_fd };
	int r = mount_change(note->tree_fd, &change, note->recursive);

	if (r == -EINVAL)
		return err_set(err, ERR_USAGE, EINVAL,
			       "mount '%s': the filesystem of '%s' can't be idmapped",
			       note->mount->destination, note->mount->source);
	return r < 0 ? err_sys(err, -r, "mount '%s': idmap '%s'", note->mount->destination,
			       note->mount->source)
		     : 0;
}

int plan_idmap_apply(const struct plan *plan, int proc_fd, int container_userns_fd,
		     struct err *err)
{
	for (const struct plan_idmapped *note = plan->idmapped; note; note = note->next) {
		auto_close int own_fd = -1;
		struct idmap uids, gids;
		struct arena arena = {};
		int r = 0;

		if (note->mount->uid_mappings.n) {
			uids = furnish_idmap(&note->mount->uid_mappings, &arena);
			gids = furnish_idmap(&note->mount->gid_mappings, &arena);
			r = idmap_userns_fd(proc_fd, &uids, &gids, &own_fd, err);
		}
		if (r == 0)
			r = map_one(note, own_fd >= 0 ? own_fd : container_userns_fd, err);
		arena_done(&arena);
		if (r < 0)
			return r;
	}
	return 0;
}
