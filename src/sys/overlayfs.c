/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whiteouts, opaque directories, and the attributes in which overlayfs keeps the latter. Nothing
 * here needs an overlay to be mounted.
 */
#include "sys/overlayfs.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Longer than any name may be, so that one which does not fit is refused by the kernel. */
#define NAMED_MAX (NAME_MAX + sizeof(OVERLAYFS_NAMED_WHITEOUT))

static const char *const opaque_keys[] = {
	[OVERLAYFS_TRUSTED] = "trusted.overlay.opaque",
	[OVERLAYFS_USER] = "user.overlay.opaque",
};

bool overlayfs_is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

bool overlayfs_is_named(int dir_fd)
{
	struct statfs fs;

	return fstatfs(dir_fd, &fs) == 0 && (unsigned long)fs.f_type == OVERLAYFS_SUPER_MAGIC;
}

const char *overlayfs_hidden(const char *name)
{
	if (strncmp(name, OVERLAYFS_NAMED_WHITEOUT, strlen(OVERLAYFS_NAMED_WHITEOUT)) != 0)
		return NULL;
	return strcmp(name, OVERLAYFS_NAMED_OPAQUE) == 0
		       ? "" : name + strlen(OVERLAYFS_NAMED_WHITEOUT);
}

static int make_empty(int dir_fd, const char *name)
{
	auto_close int fd = openat(dir_fd, name,
				   O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : 0;
}

/* Instead of what failed for the reason `no`. */
static int make_named(int dir_fd, const char *name, int no)
{
	if (!overlayfs_is_named(dir_fd))
		return -no;
	return make_empty(dir_fd, name);
}

static char *put_name(const char *name, char out[NAMED_MAX])
{
	(void)snprintf(out, NAMED_MAX, OVERLAYFS_NAMED_WHITEOUT "%s", name);
	return out;
}

int overlayfs_make_whiteout(int dir_fd, const char *name)
{
	char named[NAMED_MAX];
	int r;

	if (mknodat(dir_fd, name, S_IFCHR, makedev(0, 0)) == 0)
		return 0;
	r = make_named(dir_fd, put_name(name, named), errno);
	return r < 0 ? r : 1;
}

int overlayfs_drop_named(int dir_fd, const char *name)
{
	char named[NAMED_MAX];

	return unlinkat(dir_fd, put_name(name, named), 0) == 0;
}

int overlayfs_make_opaque(int parent_fd, const char *name, enum overlayfs_xattrs xattrs)
{
	auto_close int fd =
		openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fsetxattr(fd, opaque_keys[xattrs], "y", 1, 0) == 0)
		return 0;
	return make_named(fd, OVERLAYFS_NAMED_OPAQUE, errno);
}

bool overlayfs_is_opaque(int dir_fd)
{
	char value = 0;

	for (size_t i = 0; i < 2; i++)
		if (fgetxattr(dir_fd, opaque_keys[i], &value, 1) == 1 && value == 'y')
			return true;
	return overlayfs_is_named(dir_fd) &&
	       faccessat(dir_fd, OVERLAYFS_NAMED_OPAQUE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool overlayfs_is_xattr(const char *name)
{
	return strncmp(name, "trusted.overlay.", 16) == 0 ||
	       strncmp(name, "user.overlay.", 13) == 0;
}
