/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binds as the container has them: with its ids, read-only where they are, those that lie deeper
 * later. One whose source is gone is left out.
 */
#include "engine/copy_mounts.h"

#include "base/cleanup.h"
#include "engine/stack_files.h"
#include "sys/cred.h"
#include "sys/idmap.h"
#include "sys/mount.h"
#include "sys/proc.h"
#include "sys/resolve.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct bind {
	const char *source, *target;
	bool is_mapped, is_read_only;
	size_t depth;
};

struct binds {
	const struct config *config;
	int root_fd, userns_fd;
	struct bind *v;
	size_t n;
};

/* ------------------------------------------------------------------------------- which */

/* Of options that say yes or no the last prevails. "r" in front: with all that is below it. */
static bool is_said(const struct config_mount *mount, const char *yes, const char *no)
{
	bool said = false;

	for (size_t i = 0; i < mount->options.n; i++) {
		const char *option = mount->options.v[i];
		const char *shorter = option + (option[0] == 'r' && option[1]);

		if (strcmp(option, yes) == 0 || strcmp(shorter, yes) == 0)
			said = true;
		else if (strcmp(option, no) == 0 || strcmp(shorter, no) == 0)
			said = false;
	}
	return said;
}

static size_t depth_of(const char *path)
{
	size_t depth = 0;

	for (; *path; path++)
		depth += *path == '/' && path[1] && path[1] != '/';
	return depth;
}

static void add(struct binds *binds, const struct bind *bind)
{
	binds->v[binds->n] = *bind;
	binds->v[binds->n++].depth = depth_of(bind->target);
}

/* As it left them; of one that never ran there are none. They are of who is root inside as they
 * are. */
static int choose_shown(struct binds *binds, const struct engine *engine, struct arena *arena,
			struct err *err)
{
	const struct config *config = binds->config;
	struct spec_shown files[SPEC_SHOWN_MAX];
	struct spec_place place = {};
	int r = stack_files_find(engine, config, arena, &place, err);
	size_t n = r < 0 ? 0 : spec_shown(config, &place, files);

	for (size_t i = 0; i < n; i++)
		add(binds, &(struct bind){ files[i].source, files[i].target,
					   .is_read_only = config->read_only });
	return r;
}

static int choose(struct binds *binds, const struct engine *engine, struct arena *arena,
		  struct err *err)
{
	const struct config *config = binds->config;

	binds->v = arena_array(arena, struct bind,
			       config->volumes.n + config->mounts.n + SPEC_SHOWN_MAX);
	for (size_t i = 0; i < config->volumes.n; i++)
		add(binds, &(struct bind){
			arena_printf(arena, "%s/containers/%s/" ENTRY_VOLUMES_DIR "/%zu",
				     engine->root, config->id, i),
			config->volumes.v[i], .is_mapped = config->ids_size > 0 });
	for (size_t i = 0; i < config->mounts.n; i++) {
		const struct config_mount *mount = &config->mounts.v[i];

		if (strcmp(mount->type, "bind") == 0)
			add(binds, &(struct bind){
				mount->source, mount->target,
				.is_mapped = is_said(mount, "idmap", "noidmap"),
				.is_read_only = is_said(mount, "ro", "rw") });
	}
	return choose_shown(binds, engine, arena, err);
}

static int compare(const void *one, const void *other)
{
	const struct bind *a = one, *b = other;

	return a->depth < b->depth ? -1 : a->depth > b->depth;
}

/* ------------------------------------------------------------------------------- mounting */

static int open_userns(const struct config *config, int *ret_fd, struct err *err)
{
	const struct idmap_range range = { 0, config->ids_start, config->ids_size };
	const struct idmap map = { &range, 1 };
	auto_close int proc_fd = -1;
	int r = config->ids_size ? proc_open(&proc_fd, err) : 0;

	return r < 0 || !config->ids_size
		       ? r : idmap_userns_fd(proc_fd, &map, &map, ret_fd, err);
}

/* What is below it goes along, unless that can't be mapped. */
static int clone_source(const struct binds *binds, const struct bind *bind, int source_fd,
			bool recursive)
{
	struct mount_change change = { .propagation = MS_PRIVATE, .userns_fd = binds->userns_fd };
	auto_close int fd = mount_clone(source_fd, "", recursive);
	int r;

	if (fd < 0)
		return fd;
	if (bind->is_mapped && binds->userns_fd >= 0)
		change.set |= MOUNT_ATTR_IDMAP;
	if (bind->is_read_only)
		change.set |= MOUNT_ATTR_RDONLY;
	r = mount_change(fd, &change, recursive);
	return r < 0 ? r : take_fd(&fd);
}

/* In one that never ran its place may be missing. */
static int open_place(const struct binds *binds, const struct bind *bind, int source_fd)
{
	struct stat st;
	int fd = resolve_open(binds->root_fd, bind->target, O_PATH);

	if (fd != -ENOENT)
		return fd;
	if (fstat(source_fd, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? resolve_ensure_dir(binds->root_fd, bind->target)
				   : resolve_ensure_file(binds->root_fd, bind->target);
}

static int mount_bind(const struct binds *binds, const struct bind *bind)
{
	auto_close int source_fd = open(bind->source, O_PATH | O_CLOEXEC);
	auto_close int tree_fd = -1, place_fd = -1;

	if (source_fd < 0)
		return errno == ENOENT ? 0 : -errno;
	tree_fd = clone_source(binds, bind, source_fd, true);
	if (tree_fd < 0)
		tree_fd = clone_source(binds, bind, source_fd, false);
	if (tree_fd < 0)
		return tree_fd;
	place_fd = open_place(binds, bind, source_fd);
	return place_fd < 0 ? place_fd : mount_attach(tree_fd, place_fd);
}

static int mount_all(const struct binds *binds, struct err *err)
{
	for (size_t i = 0; i < binds->n; i++) {
		int r = mount_bind(binds, &binds->v[i]);

		if (r < 0)
			return err_sys(err, -r, "mount '%s' on '%s'", binds->v[i].source,
				       binds->v[i].target);
	}
	return 0;
}

/* Places are made as whoever is root inside. */
static int mount_as_inside(const struct binds *binds, struct err *err)
{
	uint32_t start = binds->config->ids_size ? binds->config->ids_start : 0;
	int r = start ? cred_make_as(start) : 0, back;

	if (r < 0)
		return err_sys(err, -r, "make files as id %u", start);
	r = mount_all(binds, err);
	back = start ? cred_make_as(0) : 0;
	return r == 0 && back < 0 ? err_sys(err, -back, "make files as root again") : r;
}

int copy_mounts_add(const struct engine *engine, const struct config *config, int root_fd,
		    struct arena *arena, struct err *err)
{
	const struct mount_change read_only = { .set = MOUNT_ATTR_RDONLY, .userns_fd = -1 };
	struct binds binds = { config, root_fd, -1, NULL, 0 };
	auto_close int userns_fd = -1;
	int r = choose(&binds, engine, arena, err);

	if (r == 0 && binds.n) {
		qsort(binds.v, binds.n, sizeof(*binds.v), compare);
		r = open_userns(config, &userns_fd, err);
		binds.userns_fd = userns_fd;
	}
	if (r == 0)
		r = mount_as_inside(&binds, err);
	if (r == 0 && config->read_only) {
		r = mount_change(root_fd, &read_only, false);
		if (r < 0)
			return err_sys(err, -r, "make the root read-only");
	}
	return r;
}
