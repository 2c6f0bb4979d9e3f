/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount API of Linux 5.12 in the shape in which it is used here. Nothing is done by path, so
 * nobody can exchange a directory between our looking and our mounting.
 */
#include "sys/mount.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int configure(int fs_fd, const struct mount_fs *fs, const char **ret_refused)
{
	if (fs->source && fsconfig(fs_fd, FSCONFIG_SET_STRING, "source", fs->source, 0) < 0)
		return -errno;
	for (size_t i = 0; i < fs->n_params; i++) {
		const struct mount_param *p = &fs->params[i];
		unsigned command = p->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;

		*ret_refused = p->key;
		if (fsconfig(fs_fd, command, p->key, p->value, 0) < 0)
			return -errno;
	}
	*ret_refused = NULL;
	if (fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	return 0;
}

int mount_make_or_tell(const struct mount_fs *fs, const char **ret_refused)
{
	auto_close int fs_fd = fsopen(fs->type, FSOPEN_CLOEXEC);
	int r, fd;

	*ret_refused = NULL;
	if (fs_fd < 0)
		return -errno;
	r = configure(fs_fd, fs, ret_refused);
	if (r < 0)
		return r;
	fd = fsmount(fs_fd, FSMOUNT_CLOEXEC, (unsigned)fs->attr);
	return fd < 0 ? -errno : fd;
}

int mount_make(const struct mount_fs *fs)
{
	const char *refused;

	return mount_make_or_tell(fs, &refused);
}

int mount_clone(int dir_fd, const char *path, bool recursive)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0) |
			 (*path ? 0 : AT_EMPTY_PATH);
	int fd = open_tree(dir_fd, path, flags);

	return fd < 0 ? -errno : fd;
}

int mount_change(int mount_fd, const struct mount_change *change, bool recursive)
{
	struct mount_attr attr = {
		.attr_set = change->set,
		.attr_clr = change->clear,
		.propagation = change->propagation,
		.userns_fd = (uint64_t)(unsigned)change->userns_fd,
	};

	if (mount_setattr(mount_fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr,
			  sizeof(attr)) < 0)
		return -errno;
	return 0;
}

bool mount_is_same(int a_fd, int b_fd)
{
	struct statx a, b;

	return statx(a_fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &a) == 0 &&
	       statx(b_fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &b) == 0 &&
	       a.stx_mnt_id == b.stx_mnt_id;
}

/* Of a file system whose server is gone only this is known, and it is enough. */
bool mount_is(int fd, uint32_t id)
{
	struct statx stx;

	return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &stx) == 0 &&
	       (stx.stx_mask & STATX_MNT_ID) && stx.stx_mnt_id == id;
}

int mount_attach(int mount_fd, int target_fd)
{
	if (move_mount(mount_fd, "", target_fd, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

int mount_attach_at(int mount_fd, int dir_fd, const char *name)
{
	if (move_mount(mount_fd, "", dir_fd, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

int mount_pivot(void)
{
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return -errno;
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return -errno;
	return 0;
}

int mount_move_root(void)
{
	if (move_mount(AT_FDCWD, ".", AT_FDCWD, "/", 0) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return -errno;
	return 0;
}

/* Attributes as mount(2) calls them. */
static unsigned long legacy_flags(uint64_t attr)
{
	static const struct {
		uint64_t attr;
		unsigned long flag;
	} rows[] = {
		{ MOUNT_ATTR_RDONLY,	  MS_RDONLY },
		{ MOUNT_ATTR_NOSUID,	  MS_NOSUID },
		{ MOUNT_ATTR_NODEV,	  MS_NODEV },
		{ MOUNT_ATTR_NOEXEC,	  MS_NOEXEC },
		{ MOUNT_ATTR_NOATIME,	  MS_NOATIME },
		{ MOUNT_ATTR_NODIRATIME,  MS_NODIRATIME },
		{ MOUNT_ATTR_STRICTATIME, MS_STRICTATIME },
		{ MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW },
	};
	unsigned long flags = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (attr & rows[i].attr)
			flags |= rows[i].flag;
	return flags;
}

int mount_legacy(const struct mount_fs *fs, int target_fd, const char *data)
{
	if (fchdir(target_fd) < 0 || mount(fs->source ? fs->source : fs->type, ".", fs->type,
					   legacy_flags(fs->attr), data) < 0)
		return -errno;
	return 0;
}

int mount_detach(int fds_fd, int target_fd)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "%d", target_fd);
	if (fchdir(fds_fd) < 0 || umount2(name, MNT_DETACH) < 0)
		return -errno;
	return 0;
}
