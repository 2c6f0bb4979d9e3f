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
#include "engine/device_nodes.h"
#include "engine/images.h"
#include "engine/joined.h"
#include "engine/spec_parts.h"
#include "engine/view.h"
#include "engine/volumes.h"
#include "snapshot/snapshot.h"
#include "sys/idmap.h"
#include "sys/mount.h"
#include "sys/proc.h"

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
	if ((config->devices.n && config->ids_size) || joined_has_shm(config))
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

/* What an image's root is made of, and where. */
struct assembly {
	const struct engine *engine;
	const struct config *config;
	int base_fd;   /* the engine's directory, mapped if the container has ids of its own */
	int target_fd;
	int *layer_fds;
};

static void assembly_done(struct assembly *a)
{
	closep(&a->base_fd);
	closep(&a->target_fd);
}

static void close_layers(struct assembly *a)
{
	for (size_t i = 0; a->layer_fds && i < a->config->layers.n; i++)
		closep(&a->layer_fds[i]);
	a->layer_fds = NULL;
}

/* A clone of the mount that `dir_fd` is on, from there, with the container's ids, at another
 * place. */
static int map_ids(const struct config *config, int dir_fd, int target_fd, int *ret_fd,
		   struct err *err)
{
	const struct idmap_range range = { 0, config->ids_start, config->ids_size };
	const struct idmap map = { &range, 1 };
	struct mount_change change = { .set = MOUNT_ATTR_IDMAP };
	auto_close int proc_fd = -1, userns_fd = -1, tree_fd = -1;
	int r = proc_open(&proc_fd, err);

	if (r == 0)
		r = idmap_userns_fd(proc_fd, &map, &map, &userns_fd, err);
	if (r < 0)
		return r;
	tree_fd = mount_clone(dir_fd, "", false);
	change.userns_fd = userns_fd;
	r = tree_fd < 0 ? tree_fd : mount_change(tree_fd, &change, false);
	if (r == 0)
		r = mount_attach(tree_fd, target_fd);
	if (r < 0)
		return err_sys(err, -r, "map its ids");
	*ret_fd = take_fd(&tree_fd);
	return 0;
}

/*
 * All that belongs to it lies below one mount that maps ids: on the disk they are those of inside,
 * so what a container wrote can become a layer, or be used with another range. The mount is hidden
 * below the root that is made of it.
 */
static int map_base(struct assembly *a, struct err *err)
{
	int mapped_fd, r = map_ids(a->config, a->base_fd, a->target_fd, &mapped_fd, err);

	if (r < 0)
		return err_wrap(err, "'%s'", a->engine->root);
	closep(&a->base_fd);
	a->base_fd = mapped_fd;
	return 0;
}

static int open_layers(struct assembly *a, struct arena *arena, struct err *err)
{
	const struct store store = { a->engine->root, a->base_fd };
	size_t n = a->config->layers.n;
	int r = 0;

	a->layer_fds = arena_array(arena, int, n + 1);
	for (size_t i = 0; i < n; i++)
		a->layer_fds[i] = -1;
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct digest diff_id;

		r = digest_parse(a->config->layers.v[i], &diff_id, err);
		if (r == 0)
			r = store_open_layer(&store, &diff_id, NULL, &a->layer_fds[i], NULL, err);
	}
	return r;
}

/* Made here, outside of the mapping: on the disk it is root's. */
static int open_changes(const struct assembly *a, const struct entry *entry, int *ret_fd,
			struct err *err)
{
	char path[128];

	if (mkdirat(entry->dir_fd, ENTRY_CHANGES_DIR, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "make '%s'", ENTRY_CHANGES_DIR);
	(void)snprintf(path, sizeof(path), "containers/%s/%s", entry->id, ENTRY_CHANGES_DIR);
	return open_dir(a->base_fd, path, ret_fd, err);
}

static int mount_layers(struct assembly *a, const struct entry *entry, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_close int changes_fd = -1;
	struct snapshot_request request = { .n_layers = a->config->layers.n,
					    .maker = a->config->ids_start,
					    .is_volatile = a->config->auto_remove };
	int r = open_layers(a, &arena, err);

	if (r == 0)
		r = open_changes(a, entry, &changes_fd, err);
	if (r == 0) {
		request.layer_fds = a->layer_fds;
		request.changes_fd = changes_fd;
		r = snapshot_mount(&request, a->target_fd, err);
	}
	close_layers(a);
	return r;
}

static int mount_image(const struct engine *engine, const struct entry *entry,
		       const struct config *config, const struct root *root, struct err *err)
{
	auto_cleanup(assembly_done) struct assembly a = { engine, config, -1, -1, NULL };
	int r = open_dir(AT_FDCWD, engine->root, &a.base_fd, err);

	if (r == 0)
		r = open_dir(AT_FDCWD, root->path, &a.target_fd, err);
	if (r == 0 && config->ids_size)
		r = map_base(&a, err);
	if (r == 0)
		r = mount_layers(&a, entry, err);
	if (r == 0)
		r = volumes_fill(entry, config, a.base_fd, root->path, err);
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
		r = map_ids(config, dir_fd, target_fd, &tree_fd, err);
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

static int set_stage(const struct engine *engine, const struct config *config, const char *path,
		     struct err *err)
{
	auto_close int stage_fd = -1;
	int r = mount_stage(path, &stage_fd, err);

	if (r == 0 && config->ids_size)
		r = device_nodes_make(config, stage_fd, err);
	if (r == 0 && joined_has_shm(config))
		r = joined_attach_shm(engine, config, stage_fd, SPEC_SHM_NAME, err);
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
		r = set_stage(engine, config, root->stage_path, err);
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
