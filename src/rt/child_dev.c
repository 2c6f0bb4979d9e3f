/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child's devices: nodes where we may make them, the host's own nodes, looked at first, where
 * we may not (in a user namespace); and the terminal, taken from the container's own devpts by
 * descriptor, never by the name of its slave.
 */
#include "rt/child.h"

#include "base/cleanup.h"
#include "sys/resolve.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

static bool is_device(int fd, const struct op_device *dev)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == (dev->mode & S_IFMT) &&
	       (S_ISFIFO(st.st_mode) || st.st_rdev == dev->rdev);
}

static int bind_device(struct child *child, const struct op_device *dev)
{
	auto_close int source_fd = mount_clone(AT_FDCWD, dev->path, false);
	auto_close int target_fd = -1;

	if (source_fd < 0)
		return source_fd;
	if (!is_device(source_fd, dev)) {
		child->why = "the host has something else of that name";
		return -ENODEV;
	}
	target_fd = resolve_ensure_file(child->root_fd, dev->path);
	if (target_fd < 0)
		return target_fd;
	return mount_attach(source_fd, target_fd);
}

/* What the image has at that place already: fine if it is that device, else the device hides it. */
static int keep_or_hide(struct child *child, const struct op_device *dev)
{
	auto_close int fd = resolve_open(child->root_fd, dev->path, O_PATH | O_NOFOLLOW);

	if (fd >= 0 && is_device(fd, dev))
		return 0;
	return bind_device(child, dev);
}

static int make_node(struct child *child, int parent_fd, const char *name,
		     const struct op_device *dev)
{
	if (mknodat(parent_fd, name, dev->mode, dev->rdev) < 0) {
		if (errno == EEXIST)
			return keep_or_hide(child, dev);
		return errno == EPERM ? bind_device(child, dev) : -errno;
	}
	if ((dev->uid || dev->gid) &&
	    fchownat(parent_fd, name, dev->uid, dev->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

int op_make_device(struct child *child, const struct op *op)
{
	const struct op_device *dev = op->arg;
	auto_close int parent_fd = -1;
	const char *name;

	if (dev->bind)
		return bind_device(child, dev);
	parent_fd = resolve_ensure_parent(child->root_fd, dev->path, &name);
	return parent_fd < 0 ? parent_fd : make_node(child, parent_fd, name, dev);
}

/* /dev/ptmx belongs to the container's devpts; what an image has there is replaced. */
static int make_ptmx(int dir_fd)
{
	if (symlinkat("pts/ptmx", dir_fd, "ptmx") == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (unlinkat(dir_fd, "ptmx", 0) < 0 && errno != EBUSY)
		return -errno;
	return symlinkat("pts/ptmx", dir_fd, "ptmx") < 0 && errno != EEXIST ? -errno : 0;
}

int op_furnish_dev(struct child *child, const struct op *op)
{
	const struct op_devices *devices = op->arg;
	auto_close int dir_fd = resolve_ensure_dir(child->root_fd, "/dev");
	int r = dir_fd < 0 ? dir_fd : 0;

	for (size_t i = 0; i < devices->n && r == 0; i++) {
		const struct op_device *dev = &devices->v[i];

		child->why = dev->path;
		r = dev->bind ? bind_device(child, dev)
			      : make_node(child, dir_fd, strrchr(dev->path, '/') + 1, dev);
	}
	if (r < 0)
		return r;
	child->why = NULL;
	for (const char *const *link = devices->links; *link; link += 2)
		if (symlinkat(link[1], dir_fd, link[0]) < 0 && errno != EEXIST)
			return -errno;
	return make_ptmx(dir_fd);
}

/* ------------------------------------------------------------------------------ terminal */

#define PTMX_DEVICE makedev(5, 2)

static int open_master(struct child *child)
{
	auto_close int fd = resolve_open(child->root_fd, "/dev/pts/ptmx", O_RDWR | O_NOCTTY);
	struct statfs fs;
	struct stat st;
	int unlock = 0;

	if (fd < 0)
		return fd;
	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (fs.f_type != DEVPTS_SUPER_MAGIC || !S_ISCHR(st.st_mode) || st.st_rdev != PTMX_DEVICE)
		return -ENODEV;
	if (ioctl(fd, TIOCSPTLCK, &unlock) < 0)
		return -errno;
	return take_fd(&fd);
}

static int mount_console(struct child *child, int slave_fd)
{
	auto_close int target_fd = resolve_ensure_file(child->root_fd, "/dev/console");
	auto_close int mount_fd = -1;

	if (target_fd < 0)
		return target_fd;
	mount_fd = mount_clone(slave_fd, "", false);
	return mount_fd < 0 ? mount_fd : mount_attach(mount_fd, target_fd);
}

static int adopt_terminal(int slave_fd, const struct op_console *console)
{
	struct winsize size = { .ws_row = console->rows, .ws_col = console->columns };

	if ((size.ws_row || size.ws_col) && ioctl(slave_fd, TIOCSWINSZ, &size) < 0)
		return -errno;
	if (fchown(slave_fd, console->uid, (gid_t)-1) < 0 && errno != EPERM && errno != EINVAL)
		return -errno;
	if (ioctl(slave_fd, TIOCSCTTY, 0) < 0)
		return -errno;
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(slave_fd, fd) < 0)
			return -errno;
	return 0;
}

int op_open_console(struct child *child, const struct op *op)
{
	const struct op_console *console = op->arg;
	auto_close int slave_fd = -1;
	int r = 0;

	child->console_fd = open_master(child);
	if (child->console_fd < 0) {
		child->why = "open '/dev/pts/ptmx'";
		return child->console_fd;
	}
	slave_fd = ioctl(child->console_fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave_fd < 0)
		return -errno;
	if (console->mount_console)
		r = mount_console(child, slave_fd);
	return r < 0 ? r : adopt_terminal(slave_fd, console);
}
