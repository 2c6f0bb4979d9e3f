/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that belongs to an assembly lies below one mount that maps ids: on the disk they are those of
 * inside, so what a container wrote can become a layer, or be used with another range. That mount
 * is hidden below what is made of it. Where a container has the host's ids nothing is mapped.
 */
#include "engine/assembly.h"

#include "base/cleanup.h"
#include "engine/places.h"
#include "snapshot/snapshot.h"
#include "store/store.h"
#include "sys/idmap.h"
#include "sys/mount.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <linux/mount.h>

static int open_dir(int dir_fd, const char *path, int *ret_fd, struct err *err)
{
	*ret_fd = openat(dir_fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys(err, errno, "open '%s'", path) : 0;
}

int assembly_map_ids(const struct config *config, int dir_fd, int target_fd, int *ret_fd,
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

/* The engine's directory, mapped if the container has ids of its own. */
static int open_base(const struct assembly *a, int target_fd, int *ret_fd, struct err *err)
{
	auto_close int base_fd = -1;
	int r = open_dir(AT_FDCWD, a->engine->root, &base_fd, err);

	if (r == 0 && a->config->ids_size) {
		r = assembly_map_ids(a->config, base_fd, target_fd, ret_fd, err);
		return r < 0 ? err_wrap(err, "'%s'", a->engine->root) : 0;
	}
	if (r == 0)
		*ret_fd = take_fd(&base_fd);
	return r;
}

struct layers {
	int *fds;
	size_t n;
};

static void close_layers(struct layers *layers)
{
	for (size_t i = 0; i < layers->n; i++)
		closep(&layers->fds[i]);
}

static int open_layers(const struct assembly *a, int base_fd, struct arena *arena,
		       struct layers *ret, struct err *err)
{
	const struct store store = { a->engine->root, base_fd };
	int r = 0;

	ret->fds = arena_array(arena, int, a->layers->n + 1);
	if (a->has_places) {
		r = places_open(a->engine->root, base_fd, &ret->fds[0], err);
		ret->n = r == 0;
	}
	for (size_t i = 0; r == 0 && i < a->layers->n; i++) {
		struct digest diff_id;

		r = digest_parse(a->layers->v[i], &diff_id, err);
		if (r == 0)
			r = store_open_layer(&store, &diff_id, NULL, &ret->fds[ret->n], NULL, err);
		ret->n += r == 0;
	}
	return r;
}

static int mount_layers(const struct assembly *a, int base_fd, int target_fd, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_cleanup(close_layers) struct layers layers = {};
	auto_close int changes_fd = -1;
	struct snapshot_request request = { .maker = a->config->ids_start,
					    .is_volatile = a->is_volatile };
	int r = open_layers(a, base_fd, &arena, &layers, err);

	if (r == 0 && a->changes)
		r = open_dir(base_fd, a->changes, &changes_fd, err);
	if (r < 0)
		return r;
	request.layer_fds = layers.fds;
	request.n_layers = layers.n;
	request.changes_fd = changes_fd;
	return snapshot_mount(&request, target_fd, err);
}

int assembly_mount(const struct assembly *assembly, const char *path, int *ret_base_fd,
		   struct err *err)
{
	auto_close int base_fd = -1, target_fd = -1;
	int r = open_dir(AT_FDCWD, path, &target_fd, err);

	if (r == 0)
		r = open_base(assembly, target_fd, &base_fd, err);
	if (r == 0)
		r = mount_layers(assembly, base_fd, target_fd, err);
	if (r == 0)
		*ret_base_fd = take_fd(&base_fd);
	return r;
}
