/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Four kinds of roots. An image's layers are only read; what the container changes goes to a
 * directory of its entry, which lives as long as the container does. A directory is written to, by
 * ids of the container's own where they can be mapped: then a mount of it that maps them is the
 * root. A view of the host's root is an overlay, which can't be mapped: who is root in it reads
 * what the host's root does, as it is documented.
 */
#include "engine/root.h"

#include "base/cleanup.h"
#include "engine/assembly.h"
#include "engine/device_nodes.h"
#include "engine/joined.h"
#include "engine/shown_images.h"
#include "engine/spec_parts.h"
#include "engine/view.h"
#include "engine/volumes.h"
#include "sys/mount.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ------------------------------------------------------------------------------- which */

int root_find(const struct engine *engine, const struct entry *entry, const struct config *config,
	      struct arena *arena, struct root *ret, struct err *err)
{
	*ret = (struct root){ .kind = ROOT_DIRECTORY, .path = config->rootfs };
	if ((config->devices.n && config->ids_size) || joined_has_shm(config) ||
	    shown_images_any(config))
		ret->stage_path = arena_printf(arena, "%s/containers/%s/%s", engine->root,
					       config->id, ENTRY_STAGE_DIR);
	if (config->image)
		ret->kind = ROOT_IMAGE;
	else if (strcmp(config->rootfs, "/") == 0)
		ret->kind = ROOT_VIEW;
	else if (config->ids_size)
		ret->kind = ROOT_MAPPED;
	if (ret->kind == ROOT_DIRECTORY)
		return 0;
	ret->path = arena_printf(arena, "%s/containers/%s/%s", engine->root, config->id,
				 ENTRY_ROOT_DIR);
	if (mkdirat(entry->dir_fd, ENTRY_ROOT_DIR, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "make '%s'", ret->path);
	return 0;
}

/* ------------------------------------------------------------------------------- mounting */

static int open_dir(int dir_fd, const char *path, int *ret_fd, struct err *err)
{
	*ret_fd = openat(dir_fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys(err, errno, "open '%s'", path) : 0;
}

int root_enter_namespace(struct err *err)
{
	const struct mount_change slave = { .propagation = MS_SLAVE };
	auto_close int root_fd = -1;
	int r;

	if (unshare(CLONE_NEWNS) < 0)
		return err_sys(err, errno, "make a mount namespace");
	r = open_dir(AT_FDCWD, "/", &root_fd, err);
	if (r < 0)
		return r;
	r = mount_change(root_fd, &slave, true);
	return r < 0 ? err_sys(err, -r, "keep mounts from the host") : 0;
}

/* What it changes is made here, outside of the mapping: on the disk it is root's. */
static int mount_image(const struct engine *engine, const struct entry *entry,
		       const struct config *config, const struct root *root, struct err *err)
{
	char changes[128];
	const struct assembly assembly = { engine, config, &config->layers, changes,
					   .is_volatile = config->auto_remove,
					   .has_places = true };
	auto_close int base_fd = -1;
	int r = 0;

	if (mkdirat(entry->dir_fd, ENTRY_CHANGES_DIR, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "make '%s'", ENTRY_CHANGES_DIR);
	(void)snprintf(changes, sizeof(changes), "containers/%s/%s", entry->id, ENTRY_CHANGES_DIR);
	r = assembly_mount(&assembly, root->path, &base_fd, err);
	if (r == 0)
		r = volumes_fill(entry, config, base_fd, root->path, err);
	return r < 0 ? err_wrap(err, "mount the image '%s'", config->image) : 0;
}

/* What is mounted below it comes as below a bind: engine/submounts.h. */
static int mount_directory(const struct config *config, const struct root *root, struct err *err)
{
	auto_close int dir_fd = -1, target_fd = -1, tree_fd = -1;
	int r = open_dir(AT_FDCWD, config->rootfs, &dir_fd, err);

	if (r == 0)
		r = open_dir(AT_FDCWD, root->path, &target_fd, err);
	if (r == 0)
		r = assembly_map_ids(config, dir_fd, target_fd, &tree_fd, err);
	return r < 0 ? err_wrap(err, "mount '%s'", config->rootfs) : 0;
}

/* ------------------------------------------------------------------------------- the stage */

/* A file system of memory, which goes with our mount namespace. */
static int mount_stage(const char *path, int *ret_fd, struct err *err)
{
	static const struct mount_param mode = { .key = "mode", .value = "0700" };
	const struct mount_fs fs = { .type = "tmpfs", .source = "tmpfs", .params = &mode,
				     .n_params = 1, .attr = MOUNT_ATTR_NOEXEC };
	auto_close int target_fd = -1, tree_fd = -1;
	int r;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "make '%s'", path);
	r = open_dir(AT_FDCWD, path, &target_fd, err);
	if (r < 0)
		return r;
	tree_fd = mount_make(&fs);
	r = tree_fd < 0 ? tree_fd : mount_attach(tree_fd, target_fd);
	if (r < 0)
		return err_sys(err, -r, "mount a tmpfs at '%s'", path);
	*ret_fd = take_fd(&tree_fd);
	return 0;
}

static int set_stage(const struct engine *engine, const struct entry *entry,
		     const struct config *config, const char *path, struct err *err)
{
	auto_close int stage_fd = -1;
	int r = mount_stage(path, &stage_fd, err);

	if (r == 0 && config->ids_size)
		r = device_nodes_make(config, stage_fd, err);
	if (r == 0 && joined_has_shm(config))
		r = joined_attach_shm(engine, config, stage_fd, SPEC_SHM_NAME, err);
	if (r == 0 && shown_images_any(config))
		r = shown_images_mount(engine, entry, config, path, err);
	return r;
}

int root_mount(const struct engine *engine, const struct entry *entry, const struct config *config,
	       const struct root *root, struct err *err)
{
	int r = 0;

	if (root->kind != ROOT_DIRECTORY || root->stage_path)
		r = root_enter_namespace(err);
	if (r == 0 && root->kind == ROOT_VIEW)
		r = view_mount(root->path, engine->root, err);
	if (r == 0 && root->kind == ROOT_MAPPED)
		r = mount_directory(config, root, err);
	if (r == 0 && root->kind == ROOT_IMAGE)
		r = mount_image(engine, entry, config, root, err);
	if (r == 0 && root->stage_path)
		r = set_stage(engine, entry, config, root->stage_path, err);
	return r;
}

void root_unmount(const struct root *root)
{
	if (root->stage_path)
		(void)umount2(root->stage_path, MNT_DETACH | UMOUNT_NOFOLLOW);
	if (root->kind == ROOT_DIRECTORY)
		return;
	while (umount2(root->path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
}
