/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Giving a container its own v2 group, so that it can make groups below it: what runs systemd or
 * containers of its own needs that. OCI runtime specification, config-linux.md, "Cgroup ownership".
 *
 * The directory and the files that the kernel lists become the user's whom the container's process
 * is; the limits stay ours. A container that can't write to its group, or sees the host's, is given
 * nothing.
 */
#include "rt/cg.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* The kernel's list, one name a line; kernels that have none (before 4.15) want these three. */
#define LIST	"/sys/kernel/cgroup/delegate"
#define DEFAULT "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n"

static bool is_writable(const struct oci_mount *mount)
{
	bool writable = true;

	if (!mount->type || (strcmp(mount->type, "cgroup") != 0 &&
			     strcmp(mount->type, "cgroup2") != 0))
		return false;
	for (size_t i = 0; i < mount->options.n; i++) {
		const char *option = mount->options.v[i];

		if (strcmp(option, "ro") == 0 || strcmp(option, "rro") == 0)
			writable = false;
		else if (strcmp(option, "rw") == 0 || strcmp(option, "rrw") == 0)
			writable = true;
	}
	return writable;
}

static bool sees_its_own(const struct oci_spec *spec)
{
	const struct oci_namespace *ns = oci_spec_find_ns(spec, NS_CGROUP);

	if (!ns || ns->path)
		return false;
	for (size_t i = 0; i < spec->mounts.n; i++)
		if (is_writable(&spec->mounts.v[i]))
			return true;
	return false;
}

/* Whom the host has for the process's user. Of a user namespace that others made we know no map. */
static bool find_owner(const struct oci_spec *spec, uid_t *ret)
{
	const struct oci_namespace *ns = oci_spec_find_ns(spec, NS_USER);
	const struct oci_id_mappings *maps = &spec->linux_->uid_mappings;
	uint32_t uid = spec->process ? spec->process->user.uid : 0;

	*ret = uid;
	if (!ns)
		return true;
	for (size_t i = 0; i < maps->n && !ns->path; i++) {
		if (uid - maps->v[i].container_id >= maps->v[i].size)
			continue;
		*ret = maps->v[i].host_id + (uid - maps->v[i].container_id);
		return true;
	}
	return false;
}

/* 0 as well where there is no such file, or the name is none. */
static int give(int dir_fd, const char *name, uid_t owner)
{
	if (strchr(name, '/') || fchownat(dir_fd, name, owner, (gid_t)-1, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return errno == ENOENT ? 0 : -errno;
}

int cgroup_delegate(const struct cgroup *cg, const struct oci_spec *spec, struct err *err)
{
	auto_buf struct buf list = {};
	char *rest, *name;
	uid_t owner;
	int r;

	if (cg->fs->mode != CGROUP_V2 || !sees_its_own(spec) || !find_owner(spec, &owner))
		return 0;
	if (owner == geteuid())
		return 0;
	if (cgroupfs_read_buf(AT_FDCWD, LIST, &list) < 0)
		buf_puts(&list, DEFAULT);
	r = give(cgroup_v2_fd(cg), ".", owner);
	for (rest = list.data; r == 0 && (name = strsep(&rest, "\n"));)
		r = *name ? give(cgroup_v2_fd(cg), name, owner) : 0;
	if (r == 0 || (cg_is_denied(-r) && (cg->flags & CGROUP_ROOTLESS)))
		return 0;
	return err_sys(err, -r, "give cgroup '%s' to uid %u", cg->path, owner);
}
