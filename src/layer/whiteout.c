/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whiteouts, and what else overlayfs reads from a layer. No archive may say that in overlayfs's own
 * words: a directory that redirects elsewhere, or a file that is the data of another, is a way out
 * of the image.
 */
#include "layer/whiteout.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define PREFIX ".wh."
#define META_PREFIX ".wh..wh."
#define OPAQUE ".wh..wh..opq"

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

int whiteout_parse(const char *name, const char **ret_hidden)
{
	const char *hidden = name + strlen(PREFIX);

	if (!starts_with(name, PREFIX))
		return WHITEOUT_NONE;
	if (strcmp(name, OPAQUE) == 0)
		return WHITEOUT_OPAQUE;
	if (starts_with(name, META_PREFIX))
		return WHITEOUT_AUFS;
	if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return -EINVAL;
	*ret_hidden = hidden;
	return WHITEOUT_NAME;
}

bool whiteout_is_node(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

int whiteout_make(int dir_fd, const char *name)
{
	return mknodat(dir_fd, name, S_IFCHR, makedev(0, 0)) < 0 ? -errno : 0;
}

int whiteout_make_opaque(int parent_fd, const char *name, enum overlay_xattrs xattrs)
{
	static const char *const keys[] = {
		[OVERLAY_TRUSTED] = "trusted.overlay.opaque",
		[OVERLAY_USER] = "user.overlay.opaque",
	};
	auto_close int fd =
		openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fsetxattr(fd, keys[xattrs], "y", 1, 0) < 0)
		return -errno;
	return 0;
}

bool whiteout_is_overlay_xattr(const char *name)
{
	return starts_with(name, "trusted.overlay.") || starts_with(name, "user.overlay.");
}
