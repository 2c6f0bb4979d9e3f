/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of drivers. The first that can is taken, but a root that was copied stays copied. One
 * layer alone that is only read needs none: it is all of it already, and overlayfs wants two.
 */
#include "snapshot/snapshot.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "snapshot/drivers.h"
#include "sys/mount.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name;
	int (*mount)(const struct snapshot_request *request, int target_fd, struct err *err);
} drivers[] = {
	{ "overlay", snapshot_overlay },
	{ "fuse-overlayfs", snapshot_fuse },
	{ "copy", snapshot_copy },
};

int snapshot_make_places(int changes_fd, struct err *err)
{
	static const char *const names[] = { "upper", "work" };

	for (size_t i = 0; i < 2 && changes_fd >= 0; i++)
		if (mkdirat(changes_fd, names[i], 0755) < 0 && errno != EEXIST)
			return err_sys(err, errno, "make the directory '%s'", names[i]);
	return 0;
}

static bool is_copied(int changes_fd)
{
	return changes_fd >= 0 &&
	       faccessat(changes_fd, SNAPSHOT_COPY, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int mount_one(int layer_fd, int target_fd, struct err *err)
{
	const struct mount_change read_only = { .set = MOUNT_ATTR_RDONLY };
	auto_close int fd = mount_clone(layer_fd, "", false);
	int r = fd < 0 ? fd : mount_change(fd, &read_only, false);

	if (r == 0)
		r = mount_attach(fd, target_fd);
	return r < 0 ? err_sys(err, -r, "mount its only layer") : 0;
}

int snapshot_mount(const struct snapshot_request *request, int target_fd, struct err *err)
{
	struct err why = {};

	if (request->n_layers == 1 && request->changes_fd < 0)
		return mount_one(request->layer_fds[0], target_fd, err);
	if (is_copied(request->changes_fd))
		return snapshot_copy(request, target_fd, err);
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		struct err one = {};

		if (drivers[i].mount(request, target_fd, &one) == 0) {
			if (i)
				log_warn("%s; the root file system is made by %s", why.msg,
					 drivers[i].name);
			return 0;
		}
		(void)err_wrap(&one, "%s", drivers[i].name);
		if (!why.no)
			why = one;
	}
	*err = why;
	return -err->no;
}
