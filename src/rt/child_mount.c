/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child's root filesystem. Every mount is made or cloned detached, restricted, and attached to
 * a descriptor of its target, which was resolved below the root a moment before: a link in the
 * image can lead anywhere but out.
 */
#include "rt/child.h"

#include "base/cleanup.h"
#include "sys/copytree.h"
#include "sys/resolve.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int change_propagation(int mount_fd, uint64_t propagation, bool recursive)
{
	const struct mount_change change = { .propagation = propagation };

	return mount_change(mount_fd, &change, recursive);
}

/* Over its own directory, as hooks that look into our mount namespace expect it. In a user
 * namespace that directory may be out of reach; "/" never is. */
static int open_place(const struct op_root *root)
{
	int fd = open(root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == EACCES)
		fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The process's own root stays the host's until op_pivot_root. */
int op_attach_root(struct child *child, const struct op *op)
{
	const struct op_root *root = op->arg;
	auto_close int host_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int place_fd = -1;
	int r;

	if (host_fd < 0)
		return -errno;
	r = change_propagation(host_fd, MS_SLAVE, true);
	if (r < 0)
		return r;
	place_fd = open_place(root);
	if (place_fd < 0)
		return place_fd;
	child->root_fd = root->tree_fd;
	if (child->root_fd < 0)
		child->root_fd = mount_clone(AT_FDCWD, root->path, true);
	if (child->root_fd < 0)
		return child->root_fd;
	r = change_propagation(child->root_fd, root->propagation, root->recursive);
	return r < 0 ? r : mount_attach(child->root_fd, place_fd);
}

/* pivot_root(".", "."): the old root lies over the new one then, and is taken off. */
int op_pivot_root(struct child *child, const struct op *op)
{
	(void)op;
	if (fchdir(child->root_fd) < 0)
		return -errno;
	return mount_pivot();
}

/* The old root stays below, out of sight but for who may undo a chroot. */
int op_move_root(struct child *child, const struct op *op)
{
	(void)op;
	if (fchdir(child->root_fd) < 0)
		return -errno;
	return mount_move_root();
}

/* Without a mount namespace of our own. */
int op_chroot(struct child *child, const struct op *op)
{
	const struct op_root *root = op->arg;

	child->root_fd = open(root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (child->root_fd < 0 || fchdir(child->root_fd) < 0 || chroot(".") < 0)
		return -errno;
	return 0;
}

int op_open_root(struct child *child, const struct op *op)
{
	(void)op;
	child->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return child->root_fd < 0 ? -errno : 0;
}

int op_enter_root(struct child *child, const struct op *op)
{
	const struct op_root *root = op->arg;

	if (fchdir(root->tree_fd) < 0 || chroot(".") < 0)
		return -errno;
	return op_open_root(child, op);
}

int op_root_propagation(struct child *child, const struct op *op)
{
	const struct op_propagation *p = op->arg;

	return change_propagation(child->root_fd, p->propagation, p->recursive);
}

int op_root_readonly(struct child *child, const struct op *op)
{
	static const struct mount_change read_only = { .set = MOUNT_ATTR_RDONLY };

	(void)op;
	return mount_change(child->root_fd, &read_only, false);
}

/* ------------------------------------------------------------------------------ mounts */

static int open_target(struct child *child, const struct op_mount *mount)
{
	if (mount->flags & OP_MOUNT_FILE)
		return resolve_ensure_file(child->root_fd, mount->target);
	if (mount->flags & OP_MOUNT_PLAIN)
		return resolve_ensure_plain_dir(child->root_fd, mount->target);
	return resolve_ensure_dir(child->root_fd, mount->target);
}

/* Fill a new tmpfs with what it is going to hide. */
static int copy_up(int target_fd, int mount_fd)
{
	auto_close int from_fd = openat(target_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int to_fd = openat(mount_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (from_fd < 0 || to_fd < 0)
		return -errno;
	return copytree_copy(from_fd, to_fd);
}

static int open_tree_of(struct child *child, const struct op_mount *mount)
{
	bool recursive = mount->flags & OP_MOUNT_RECURSIVE;

	if (mount->fs.type)
		return mount_make_or_tell(&mount->fs, &child->why);
	if (mount->tree_fd >= 0)
		return mount->tree_fd;
	if (mount->flags & OP_MOUNT_SRC_IN_ROOT) {
		auto_close int source_fd = resolve_open(child->root_fd, mount->source, O_PATH);

		return source_fd < 0 ? source_fd : mount_clone(source_fd, "", recursive);
	}
	return mount_clone(AT_FDCWD, mount->source, recursive);
}

static int restrict_mount(int mount_fd, const struct op_mount *mount)
{
	int r = 0;

	if (mount->change.set | mount->change.clear)
		r = mount_change(mount_fd, &mount->change, false);
	if (r == 0 && (mount->change_rec.set | mount->change_rec.clear))
		r = mount_change(mount_fd, &mount->change_rec, true);
	if (r == 0 && mount->propagation)
		r = change_propagation(mount_fd, mount->propagation, mount->propagation_rec);
	return r;
}

static bool is_proc(const struct op_mount *mount)
{
	return mount->fs.type && strcmp(mount->fs.type, "proc") == 0;
}

int op_mount(struct child *child, const struct op *op)
{
	const struct op_mount *mount = op->arg;
	auto_close int mount_fd = -1;
	auto_close int target_fd = open_target(child, mount);
	int r = 0;

	if (target_fd < 0) {
		child->why = target_fd == -ELOOP ? "the mount point is a link in the image"
						 : "make the mount point";
		return target_fd;
	}
	if (mount->data)
		return mount_legacy(&mount->fs, target_fd, mount->data);
	mount_fd = open_tree_of(child, mount);
	if (mount_fd < 0)
		return mount_fd;
	if (mount->flags & OP_MOUNT_COPY_UP)
		r = copy_up(target_fd, mount_fd);
	if (r == 0)
		r = restrict_mount(mount_fd, mount);
	if (r == 0)
		r = mount_attach(mount_fd, target_fd);
	if (r == 0 && mount->keep_fd)
		*mount->keep_fd = take_fd(&mount_fd);
	else if (r == 0 && child->own_proc_fd < 0 && is_proc(mount))
		child->own_proc_fd = take_fd(&mount_fd);
	return r;
}

int op_seal_mount(struct child *child, const struct op *op)
{
	static const struct mount_change read_only = { .set = MOUNT_ATTR_RDONLY };
	auto_close int mount_fd = *(const int *)op->arg;

	(void)child;
	return mount_change(mount_fd, &read_only, false);
}

/* umount2 takes paths only; the host's procfs has one for what we resolved. */
int op_unmount(struct child *child, const struct op *op)
{
	const struct op_text *path = op->arg;
	auto_close int target_fd = resolve_open(child->root_fd, path->text, O_PATH);
	auto_close int fds_fd = openat(child->proc_fd, "self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (target_fd < 0)
		return target_fd;
	if (fds_fd < 0)
		return -errno;
	if (mount_is_same(target_fd, child->root_fd)) {
		child->why = "nothing is mounted there but the root filesystem";
		return -EBUSY;
	}
	return mount_detach(fds_fd, target_fd);
}

static int make_links(int dir_fd, const char *const *links)
{
	for (const char *const *name = links; name && *name; name += 2)
		if (symlinkat(name[1], dir_fd, name[0]) < 0 && errno != EEXIST)
			return -errno;
	return 0;
}

int op_make_links(struct child *child, const struct op *op)
{
	const struct op_links *links = op->arg;
	auto_close int dir_fd = resolve_ensure_dir(child->root_fd, links->dir);

	return dir_fd < 0 ? dir_fd : make_links(dir_fd, links->names);
}

/* One by one into the tmpfs, which is ours alone: its names need no resolving. */
static int attach_cgroups(struct child *child, const struct op_mount_cgroups *cgroups, int dir_fd)
{
	const int *tree_fd = child->cgroup_fds + __builtin_popcount(child->cgroups);

	for (size_t i = 0; i < cgroups->n; i++) {
		int r;

		if (!(child->cgroups >> i & 1))
			continue;
		if (mkdirat(dir_fd, cgroups->names[i], 0755) < 0)
			return -errno;
		r = mount_attach_at(*tree_fd++, dir_fd, cgroups->names[i]);
		if (r < 0)
			return r;
	}
	return make_links(dir_fd, cgroups->links);
}

int op_mount_cgroups(struct child *child, const struct op *op)
{
	static const struct mount_param params[] = { { "mode", "755" } };
	static const struct mount_fs tmpfs = { .type = "tmpfs", .source = "tmpfs",
					       .params = params, .n_params = 1 };
	const struct op_mount_cgroups *cgroups = op->arg;
	auto_close int target_fd = resolve_ensure_dir(child->root_fd, cgroups->target);
	auto_close int dir_fd = -1;
	int r;

	if (target_fd < 0)
		return target_fd;
	dir_fd = cgroups->names ? mount_make(&tmpfs) : child->cgroup_fds[0];
	if (dir_fd < 0)
		return dir_fd;
	r = mount_attach(dir_fd, target_fd);
	if (r == 0 && cgroups->names)
		r = attach_cgroups(child, cgroups, dir_fd);
	return r < 0 ? r : mount_change(dir_fd, &cgroups->change, true);
}

/* ------------------------------------------------------------------------------ masks */

#define NULL_DEVICE makedev(1, 3)

/* The host's null device, looked at before it is trusted. Later masks clone the first one: a
 * detached mount can't be cloned by older kernels, an attached one can. */
static int open_null(struct child *child)
{
	struct stat st;
	int fd;

	if (child->null_fd >= 0)
		return mount_clone(child->null_fd, "", false);
	fd = mount_clone(AT_FDCWD, "/dev/null", false);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != NULL_DEVICE) {
		(void)close(fd);
		return -ENODEV;
	}
	child->null_fd = fd;
	return fd;
}

static int open_empty(struct child *child)
{
	static const struct mount_param params[] = { { "size", "0" }, { "nr_inodes", "1" },
						     { "mode", "0755" } };
	static const struct mount_fs empty = {
		.type = "tmpfs",
		.source = "tmpfs",
		.params = params,
		.n_params = sizeof(params) / sizeof(params[0]),
		.attr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			MOUNT_ATTR_NOEXEC,
	};

	if (child->empty_fd >= 0)
		return mount_clone(child->empty_fd, "", false);
	child->empty_fd = mount_make(&empty);
	return child->empty_fd;
}

int op_mask_path(struct child *child, const struct op *op)
{
	const struct op_text *path = op->arg;
	auto_close int target_fd = resolve_open(child->root_fd, path->text, O_PATH);
	struct stat st;
	int mask_fd, r;

	if (target_fd == -ENOENT || target_fd == -ENOTDIR) {
		target_fd = -1;
		return 0;
	}
	if (target_fd < 0)
		return target_fd;
	if (fstat(target_fd, &st) < 0)
		return -errno;
	mask_fd = S_ISDIR(st.st_mode) ? open_empty(child) : open_null(child);
	if (mask_fd < 0)
		return mask_fd;
	r = mount_attach(mask_fd, target_fd);
	if (mask_fd != child->null_fd && mask_fd != child->empty_fd)
		(void)close(mask_fd);
	return r;
}

int op_readonly_path(struct child *child, const struct op *op)
{
	static const struct mount_change read_only = { .set = MOUNT_ATTR_RDONLY };
	const struct op_text *path = op->arg;
	auto_close int mount_fd = -1;
	auto_close int target_fd = resolve_open(child->root_fd, path->text, O_PATH);
	int r;

	if (target_fd == -ENOENT || target_fd == -ENOTDIR) {
		target_fd = -1;
		return 0;
	}
	if (target_fd < 0)
		return target_fd;
	mount_fd = mount_clone(target_fd, "", true);
	if (mount_fd < 0)
		return mount_fd;
	r = mount_change(mount_fd, &read_only, true);
	return r < 0 ? r : mount_attach(mount_fd, target_fd);
}
