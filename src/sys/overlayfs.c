/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whiteouts, opaque directories, and the attributes in which overlayfs keeps the latter. Nothing
 * here needs an overlay to be mounted.
 */
#include "sys/overlayfs.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static const char *const opaque_keys[] = {
	[OVERLAYFS_TRUSTED] = "trusted.overlay.opaque",
	[OVERLAYFS_USER] = "user.overlay.opaque",
};

bool overlayfs_is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

int overlayfs_make_whiteout(int dir_fd, const char *name)
{
	return mknodat(dir_fd, name, S_IFCHR, makedev(0, 0)) < 0 ? -errno : 0;
}

int overlayfs_make_opaque(int parent_fd, const char *name, enum overlayfs_xattrs xattrs)
{
	auto_close int fd =
		openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fsetxattr(fd, opaque_keys[xattrs], "y", 1, 0) < 0)
		return -errno;
	return 0;
}

bool overlayfs_is_opaque(int dir_fd)
{
	char value = 0;

	for (size_t i = 0; i < 2; i++)
		if (fgetxattr(dir_fd, opaque_keys[i], &value, 1) == 1 && value == 'y')
			return true;
	return false;
}

bool overlayfs_is_xattr(const char *name)
{
	return strncmp(name, "trusted.overlay.", 16) == 0 || strncmp(name, "user.overlay.", 13) == 0;
}
