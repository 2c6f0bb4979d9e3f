/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each is put together as a container's root is, with the same ids, at a place of its own on the
 * stage, from where the runtime binds it. A directory below an image's root is found as a process
 * inside that root would find it: its links lead nowhere else.
 */
#include "engine/shown_images.h"

#include "base/cleanup.h"
#include "engine/assembly.h"
#include "oci/list.h"
#include "sys/mount.h"
#include "sys/resolve.h"
#include "sys/rmtree.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

bool shown_images_any(const struct config *config)
{
	for (size_t i = 0; i < config->mounts.n; i++)
		if (config_mount_is_image(&config->mounts.v[i]))
			return true;
	return false;
}

char *shown_image_path(const char *stage_path, size_t i, struct arena *arena)
{
	return arena_printf(arena, "%s/image-%zu", stage_path, i);
}

struct show {
	const struct engine *engine;
	const struct entry *entry;
	const struct config *config;
	const char *stage_path;
	struct arena *arena;
};

/* On the disk it is root's: it is made outside of what maps ids. */
static int make_changes(const struct show *show, size_t i, const char **ret, struct err *err)
{
	const char *name = arena_printf(show->arena, ENTRY_SHOWN_DIR "/%zu", i);

	if (mkdirat(show->entry->dir_fd, ENTRY_SHOWN_DIR, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "make '" ENTRY_SHOWN_DIR "'");
	if (mkdirat(show->entry->dir_fd, name, 0700) < 0)
		return err_sys(err, errno, "make '%s'", name);
	*ret = arena_printf(show->arena, "containers/%s/%s", show->entry->id, name);
	return 0;
}

/* A directory of it over the whole. */
static int narrow(const char *path, const char *subpath, struct err *err)
{
	auto_close int root_fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_close int sub_fd = -1, tree_fd = -1;
	int r;

	if (root_fd < 0)
		return err_sys(err, errno, "open '%s'", path);
	sub_fd = resolve_open(root_fd, subpath, O_PATH | O_DIRECTORY);
	if (sub_fd < 0)
		return err_sys(err, -sub_fd, "open its directory '%s'", subpath);
	tree_fd = mount_clone(sub_fd, "", false);
	r = tree_fd < 0 ? tree_fd : mount_attach(tree_fd, root_fd);
	return r < 0 ? err_sys(err, -r, "show its directory '%s' alone", subpath) : 0;
}

static int show_one(const struct show *show, size_t i, struct err *err)
{
	const struct config_mount *mount = &show->config->mounts.v[i];
	const char *path = shown_image_path(show->stage_path, i, show->arena);
	struct assembly assembly = { show->engine, show->config, &mount->layers,
				     .is_volatile = true };
	auto_close int base_fd = -1;
	int r = 0;

	if (mkdir(path, 0700) < 0)
		return err_sys(err, errno, "make '%s'", path);
	if (!strings_have(&mount->options, "ro"))
		r = make_changes(show, i, &assembly.changes, err);
	if (r == 0)
		r = assembly_mount(&assembly, path, &base_fd, err);
	return r < 0 || !mount->subpath ? r : narrow(path, mount->subpath, err);
}

int shown_images_mount(const struct engine *engine, const struct entry *entry,
		       const struct config *config, const char *stage_path, struct err *err)
{
	auto_arena struct arena arena = {};
	const struct show show = { engine, entry, config, stage_path, &arena };
	int r = rmtree(entry->dir_fd, ENTRY_SHOWN_DIR);

	if (r < 0)
		return err_sys(err, -r, "remove '" ENTRY_SHOWN_DIR "'");
	for (size_t i = 0; i < config->mounts.n; i++) {
		if (!config_mount_is_image(&config->mounts.v[i]))
			continue;
		r = show_one(&show, i, err);
		if (r < 0)
			return err_wrap(err, "mount the image '%s' at '%s'",
					config->mounts.v[i].source, config->mounts.v[i].target);
	}
	return 0;
}
