/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is as it should be already is left alone: a file is created with its mode, by who mostly is
 * its owner. What it really got is asked, not guessed, since a directory may hand down its group
 * (set-gid, or a mount option) and its ACL.
 */
#include "layer/attributes.h"

#include "base/cleanup.h"
#include "sys/overlayfs.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define SET_ID_BITS (S_ISUID | S_ISGID)

static int made_stat(const struct made *made, struct stat *ret)
{
	return made->fd >= 0 ? fstat(made->fd, ret)
			     : fstatat(made->dir_fd, made->name, ret, AT_SYMLINK_NOFOLLOW);
}

static int made_chown(const struct made *made, uid_t uid, gid_t gid)
{
	return made->fd >= 0
		       ? fchown(made->fd, uid, gid)
		       : fchownat(made->dir_fd, made->name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

/* Not for a link, which has no mode. */
static int made_chmod(const struct made *made, mode_t mode)
{
	return made->fd >= 0 ? fchmod(made->fd, mode)
			     : fchmodat(made->dir_fd, made->name, mode, 0);
}

/* There is no lsetxattrat(2) on most kernels, so it is done from inside the directory. */
static int made_setxattr(const struct made *made, const struct tar_xattr *xattr)
{
	if (made->fd >= 0)
		return fsetxattr(made->fd, xattr->name, xattr->value, xattr->len, 0);
	if (fchdir(made->dir_fd) < 0)
		return -1;
	return lsetxattr(made->name, xattr->name, xattr->value, xattr->len, 0);
}

static int made_utimens(const struct made *made, const struct timespec times[2])
{
	return made->fd >= 0 ? futimens(made->fd, times)
			     : utimensat(made->dir_fd, made->name, times, AT_SYMLINK_NOFOLLOW);
}

static int apply_owner_and_mode(const struct attributes *a, const struct made *made,
				struct err *err)
{
	mode_t mode;
	struct stat st;

	if (made_stat(made, &st) < 0)
		return err_sys(err, errno, "look at it");
	mode = st.st_mode & 07777;
	if (st.st_uid != a->uid || st.st_gid != a->gid) {
		if (made_chown(made, a->uid, a->gid) < 0)
			return err_sys(err, errno, "give it to %u:%u", a->uid, a->gid);
		mode &= ~(mode_t)SET_ID_BITS; /* they may be gone */
	}
	if (!S_ISLNK(st.st_mode) && (mode != a->mode) && made_chmod(made, a->mode) < 0)
		return err_sys(err, errno, "set its mode to %04o", a->mode);
	return 0;
}

/* Users' own attributes are for files and directories only, the kernel says EPERM for others. */
static bool may_be_left_out(const struct made *made, const char *name,
			    const struct attributes_left_out *left_out)
{
	bool is_user = strncmp(name, "user.", 5) == 0;

	return errno == ENOTSUP || (errno == EPERM && (left_out->is_rootless ||
						       (made->fd < 0 && is_user)));
}

static int apply_xattr(const struct tar_xattr *xattr, const struct made *made,
		       struct attributes_left_out *left_out, struct err *err)
{
	if (overlayfs_is_xattr(xattr->name) || made_setxattr(made, xattr) == 0)
		return 0;
	if (!may_be_left_out(made, xattr->name, left_out))
		return err_sys(err, errno, "set its attribute '%s'", xattr->name);
	left_out->n++;
	return 0;
}

int attributes_apply(const struct attributes *a, const struct made *made,
		     struct attributes_left_out *left_out, struct err *err)
{
	const struct timespec times[2] = { a->mtime, a->mtime };
	int r = apply_owner_and_mode(a, made, err);

	for (size_t i = 0; i < a->n_xattrs && r == 0; i++)
		r = apply_xattr(&a->xattrs[i], made, left_out, err);
	if (r == 0 && made_utimens(made, times) < 0)
		r = err_sys(err, errno, "set its times");
	return r;
}
