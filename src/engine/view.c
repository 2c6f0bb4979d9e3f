/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three layers at one place: a tmpfs that holds upper and work, the overlay above it, and in that
 * the host's other file systems, each cloned by itself and read-only.
 */
#include "engine/view.h"

#include "base/cleanup.h"
#include "sys/mount.h"
#include "sys/mountinfo.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* File systems whose files outlive a reboot and that the kernel itself answers for. */
static const char *const shown_types[] = {
	"bcachefs", "btrfs", "ceph", "cifs",   "erofs", "exfat", "ext2", "ext3",    "ext4",
	"f2fs",	    "hfsplus", "iso9660", "jfs", "nfs", "nfs4",	 "ntfs3", "overlay", "squashfs",
	"udf",	    "vfat", "xfs",  "zfs",
};

static bool is_shown(const struct mountinfo *mount)
{
	if (strcmp(mount->point, "/") == 0)
		return false;
	for (size_t i = 0; i < sizeof(shown_types) / sizeof(shown_types[0]); i++)
		if (strcmp(mount->fs_type, shown_types[i]) == 0)
			return true;
	return false;
}

static int open_dir(const char *dir, int *ret_fd, struct err *err)
{
	*ret_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys(err, errno, "open '%s'", dir) : 0;
}

static int attach(int tree_fd, int target_fd, const char *what, struct err *err)
{
	auto_close int fd = tree_fd;
	int r = fd < 0 ? fd : mount_attach(fd, target_fd);

	return r < 0 ? err_sys(err, -r, "mount %s", what) : 0;
}

/* The tmpfs that holds what the container changes. */
static int mount_scratch(const char *dir, struct err *err)
{
	static const struct mount_param params[] = { { "mode", "755" } };
	const struct mount_fs scratch = { .type = "tmpfs", .source = "tare", .params = params,
					  .n_params = 1, .attr = MOUNT_ATTR_NODEV };
	auto_close int dir_fd = -1;
	int r = open_dir(dir, &dir_fd, err);

	return r < 0 ? r : attach(mount_make(&scratch), dir_fd, "a tmpfs for its changes", err);
}

static int mount_overlay(const char *dir, struct err *err)
{
	char upper[64], work[64];
	struct mount_param params[] = { { "lowerdir", "/" }, { "upperdir", upper },
					{ "workdir", work } };
	const struct mount_fs overlay = { .type = "overlay", .source = "tare", .params = params,
					  .n_params = 3 };
	auto_close int dir_fd = -1;
	int r = open_dir(dir, &dir_fd, err);

	if (r < 0)
		return r;
	if (mkdirat(dir_fd, "upper", 0755) < 0 || mkdirat(dir_fd, "work", 0755) < 0)
		return err_sys(err, errno, "make directories for an overlay");
	(void)snprintf(upper, sizeof(upper), "/proc/self/fd/%d/upper", dir_fd);
	(void)snprintf(work, sizeof(work), "/proc/self/fd/%d/work", dir_fd);
	return attach(mount_make(&overlay), dir_fd, "an overlay above '/'", err);
}

static int show(const char *dir, const struct mountinfo *mount, struct err *err)
{
	const struct mount_change read_only = { .set = MOUNT_ATTR_RDONLY };
	auto_close int point_fd = open(mount->point, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	auto_close int target_fd = -1, tree_fd = -1;
	char target[2 * PATH_MAX];
	int r;

	if (point_fd < 0 || !mount_is(point_fd, mount->id))
		return 0; /* another mount hides it */
	(void)snprintf(target, sizeof(target), "%s%s", dir, mount->point);
	target_fd = open(target, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	if (target_fd < 0)
		return 0; /* below something that is not shown */
	tree_fd = mount_clone(point_fd, "", false);
	r = tree_fd < 0 ? tree_fd : mount_change(tree_fd, &read_only, false);
	if (r == 0)
		r = mount_attach(tree_fd, target_fd);
	return r < 0 ? err_sys(err, -r, "show '%s', read-only", mount->point) : 0;
}

/* The host's mounts, before there are any of ours. */
static int read_mounts(struct buf *text, struct err *err)
{
	auto_close int proc_fd = -1;
	int r = proc_open(&proc_fd, err);

	return r < 0 ? r : mountinfo_read(proc_fd, 0, text, err);
}

static int show_others(const char *dir, const struct buf *mounts, struct err *err)
{
	auto_buf struct buf line = {};
	const char *rest = buf_str(mounts);
	struct mountinfo mount;
	int r = 0, n;

	while (r == 0 && (n = mountinfo_next(&rest, &line, &mount)) != 0)
		if (n > 0 && is_shown(&mount))
			r = show(dir, &mount, err);
	return r;
}

static int hide(const char *dir, const char *hidden, struct err *err)
{
	static const struct mount_param params[] = { { "mode", "755" } };
	const struct mount_fs empty = { .type = "tmpfs", .source = "tare", .params = params,
					.n_params = 1,
					.attr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV };
	auto_close int target_fd = -1;
	char target[2 * PATH_MAX];

	(void)snprintf(target, sizeof(target), "%s%s", dir, hidden);
	target_fd = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target_fd < 0 && errno == ENOENT)
		return 0;
	if (target_fd < 0)
		return err_sys(err, errno, "open '%s'", target);
	return attach(mount_make(&empty), target_fd, "nothing over the engine's directory", err);
}

int view_mount(const char *dir, const char *hidden, struct err *err)
{
	auto_buf struct buf mounts = {};
	int r = read_mounts(&mounts, err);

	if (r == 0)
		r = mount_scratch(dir, err);
	if (r == 0)
		r = mount_overlay(dir, err);
	if (r == 0)
		r = show_others(dir, &mounts, err);
	if (r == 0)
		r = hide(dir, hidden, err);
	return r < 0 ? err_wrap(err, "make a view of '/'") : 0;
}
