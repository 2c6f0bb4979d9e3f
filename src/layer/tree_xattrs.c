/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attributes of files by name, from inside their directory: there is no listxattrat(2) on most
 * kernels, and neither devices nor links can be opened for it.
 */
#include "layer/tree_xattrs.h"

#include "base/cleanup.h"
#include "sys/overlayfs.h"

#include <endian.h>
#include <limits.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Whoever reads the layer has others, or none. */
static const char *const of_the_host[] = {
	"security.selinux", "security.apparmor", "security.ima", "security.evm",
	"security.SMACK64", "security.SMACK64EXEC", "security.SMACK64MMAP",
	"security.SMACK64TRANSMUTE", "system.nfs4_acl", "system.richacl",
};

/* Without these the upper directory alone is not what is seen. */
static const char *const of_halves[] = {
	"trusted.overlay.redirect", "user.overlay.redirect",
	"trusted.overlay.metacopy", "user.overlay.metacopy",
};

static const char *const of_opaque[] = { "trusted.overlay.opaque", "user.overlay.opaque" };

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

#define IS_ONE_OF(name, names) is_one_of(name, names, sizeof(names) / sizeof((names)[0]))

/* A capability that counts in one user namespace only (v3) is written as one that counts where it
 * is unpacked (v2): the same without its owner. */
static void forget_owner(struct tar_xattr *xattr, char *value)
{
	uint32_t magic;

	if (strcmp(xattr->name, "security.capability") != 0 || xattr->len != XATTR_CAPS_SZ_3)
		return;
	memcpy(&magic, value, sizeof(magic));
	magic = le32toh(magic);
	if ((magic & VFS_CAP_REVISION_MASK) != VFS_CAP_REVISION_3)
		return;
	magic = htole32((magic & ~(uint32_t)VFS_CAP_REVISION_MASK) | VFS_CAP_REVISION_2);
	memcpy(value, &magic, sizeof(magic));
	xattr->len = XATTR_CAPS_SZ_2;
}

static int read_value(const char *file, const char *name, struct arena *arena,
		      struct tar_xattr *ret, struct err *err)
{
	char value[XATTR_SIZE_MAX];
	ssize_t n = lgetxattr(file, name, value, sizeof(value));
	char *kept;

	if (n < 0)
		return err_sys(err, errno, "read attribute '%s'", name);
	kept = arena_strndup(arena, value, (size_t)n);
	*ret = (struct tar_xattr){ arena_strdup(arena, name), kept, (size_t)n };
	forget_owner(ret, kept);
	return 0;
}

static int take(const char *file, const char *name, struct arena *arena, struct tree_xattrs *ret,
		struct err *err)
{
	int r;

	if (IS_ONE_OF(name, of_halves))
		return err_set(err, ERR_USAGE, EXDEV,
			       "overlayfs has half of it elsewhere ('%s')", name);
	if (IS_ONE_OF(name, of_opaque)) {
		char value = 0;

		ret->is_opaque = lgetxattr(file, name, &value, 1) == 1 && value == 'y';
		return 0;
	}
	if (IS_ONE_OF(name, of_the_host) || overlayfs_is_xattr(name))
		return 0;
	r = read_value(file, name, arena, &ret->list[ret->n], err);
	ret->n += r == 0;
	return r;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct tar_xattr *)a)->name, ((const struct tar_xattr *)b)->name);
}

static size_t count(const char *names, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += names[i] == '\0';
	return n;
}

int tree_xattrs_read(int dir_fd, const char *name, struct arena *arena, struct tree_xattrs *ret,
		     struct err *err)
{
	char names[XATTR_LIST_MAX];
	ssize_t len = fchdir(dir_fd) < 0 ? -1 : llistxattr(name, names, sizeof(names));
	int r = 0;

	*ret = (struct tree_xattrs){};
	if (len < 0)
		return errno == ENOTSUP ? 0 : err_sys(err, errno, "list its attributes");
	if (len == 0)
		return 0;
	ret->list = arena_array(arena, struct tar_xattr, count(names, (size_t)len));
	for (ssize_t at = 0; at < len && r == 0; at += (ssize_t)strlen(names + at) + 1)
		r = take(name, names + at, arena, ret, err);
	qsort(ret->list, ret->n, sizeof(ret->list[0]), compare);
	return r;
}
