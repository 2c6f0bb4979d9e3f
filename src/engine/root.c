/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three kinds of roots. An image's layers are only read; what the container changes goes to a
 * directory of its entry, which lives as long as the container does.
 */
#include "engine/root.h"

#include "base/cleanup.h"
#include "engine/images.h"
#include "engine/view.h"
#include "snapshot/snapshot.h"
#include "sys/mount.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

/* ------------------------------------------------------------------------------- which */

int root_find(const struct engine *engine, const struct entry *entry, const struct config *config,
	      struct arena *arena, struct root *ret, struct err *err)
{
	*ret = (struct root){ ROOT_DIRECTORY, config->rootfs };
	if (config->image)
		ret->kind = ROOT_IMAGE;
	else if (strcmp(config->rootfs, "/") == 0)
		ret->kind = ROOT_VIEW;
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

/* Mounts of ours are never the host's; the host's go on coming and going here. */
static int enter_namespace(struct err *err)
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

static int open_layers(const struct store *store, const struct config *config, int *fds,
		       struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < config->layers.n; i++) {
		struct digest diff_id;

		r = digest_parse(config->layers.v[i], &diff_id, err);
		if (r == 0)
			r = store_open_layer(store, &diff_id, NULL, &fds[i], NULL, err);
	}
	return r;
}

static int open_changes(const struct entry *entry, int *ret_fd, struct err *err)
{
	if (mkdirat(entry->dir_fd, ENTRY_CHANGES_DIR, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "make '%s'", ENTRY_CHANGES_DIR);
	return open_dir(entry->dir_fd, ENTRY_CHANGES_DIR, ret_fd, err);
}

static int mount_layers(const struct engine *engine, const struct entry *entry,
			const struct config *config, const struct root *root, int *fds,
			struct err *err)
{
	auto_store struct store store = STORE_NONE;
	auto_close int changes_fd = -1, target_fd = -1;
	struct snapshot_request request = { .layer_fds = fds, .n_layers = config->layers.n,
					    .is_volatile = config->auto_remove };
	int r = engine_open_store(engine, false, &store, err);

	if (r == 0)
		r = open_layers(&store, config, fds, err);
	if (r == 0)
		r = open_changes(entry, &changes_fd, err);
	if (r == 0)
		r = open_dir(AT_FDCWD, root->path, &target_fd, err);
	if (r < 0)
		return r;
	request.changes_fd = changes_fd;
	return snapshot_mount(&request, target_fd, err);
}

static int mount_image(const struct engine *engine, const struct entry *entry,
		       const struct config *config, const struct root *root, struct err *err)
{
	auto_arena struct arena arena = {};
	size_t n = config->layers.n;
	int *fds = arena_array(&arena, int, n + 1);
	int r;

	for (size_t i = 0; i < n; i++)
		fds[i] = -1;
	r = mount_layers(engine, entry, config, root, fds, err);
	for (size_t i = 0; i < n; i++)
		closep(&fds[i]);
	return r < 0 ? err_wrap(err, "mount the image '%s'", config->image) : 0;
}

int root_mount(const struct engine *engine, const struct entry *entry, const struct config *config,
	       const struct root *root, struct err *err)
{
	int r = 0;

	if (root->kind != ROOT_DIRECTORY)
		r = enter_namespace(err);
	if (r == 0 && root->kind == ROOT_VIEW)
		r = view_mount(root->path, engine->root, err);
	if (r == 0 && root->kind == ROOT_IMAGE)
		r = mount_image(engine, entry, config, root, err);
	return r;
}

void root_unmount(const struct root *root)
{
	if (root->kind == ROOT_DIRECTORY)
		return;
	while (umount2(root->path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
}
