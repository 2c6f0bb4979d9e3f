/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's own root can't be read from outside with the owners of inside: an overlay has no
 * maps. So the same directories are put together once more, without the map and read-only, the
 * changes being one more layer. Who writes there meanwhile is not waited for.
 */
#include "engine/peek.h"

#include "base/cleanup.h"
#include "engine/images.h"
#include "engine/places.h"
#include "engine/root.h"
#include "engine/spec.h"
#include "snapshot/snapshot.h"
#include "sys/mount.h"

#include <fcntl.h>
#include <string.h>

int peek_open(const struct engine *engine, const char *who, struct arena *arena,
	      struct peek *ret, struct err *err)
{
	int r;

	*ret = (struct peek)PEEK_NONE;
	ret->engine = engine;
	ret->arena = arena;
	r = entry_open(engine, who, &ret->entry, err);
	return r < 0 ? r : entry_read_config(&ret->entry, arena, &ret->config, err);
}

void peek_close(struct peek *peek)
{
	for (size_t i = 0; i < peek->n_layers; i++)
		closep(&peek->layer_fds[i]);
	closep(&peek->changes_fd);
	entry_done(&peek->entry);
	peek->n_layers = 0;
	peek->changes_fd = -1;
}

/* ------------------------------------------------------------------------------- its parts */

/* By the way that the mount namespace has to it now: what overlayfs takes must be in there. */
static int open_changes(struct peek *peek, struct err *err)
{
	const char *path = arena_printf(peek->arena, "%s/containers/%s/" ENTRY_CHANGES_DIR,
					peek->engine->root, peek->entry.id);

	peek->changes_fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return peek->changes_fd < 0 && errno != ENOENT ? err_sys(err, errno, "open '%s'", path)
						       : 0;
}

static int open_layers(struct peek *peek, struct err *err)
{
	const struct oci_strings *layers = &peek->config->layers;
	auto_store struct store store = STORE_NONE;
	int r = engine_open_store(peek->engine, &store, err);

	peek->layer_fds = arena_array(peek->arena, int, layers->n + 2);
	for (size_t i = 0; r == 0 && i < layers->n; i++) {
		struct digest diff_id;

		r = digest_parse(layers->v[i], &diff_id, err);
		if (r == 0)
			r = store_open_layer(&store, &diff_id, NULL, &peek->layer_fds[i], NULL,
					     err);
		peek->n_layers += r == 0;
	}
	return r;
}

int peek_require_image(const struct peek *peek, struct err *err)
{
	if (peek->config->image)
		return 0;
	return err_set(err, ERR_CONFLICT, EINVAL,
		       "the container was not made from an image: what it changed is not known");
}

static int open_parts(struct peek *peek, struct err *err)
{
	int r = peek_require_image(peek, err);

	if (peek->layer_fds)
		return r;
	if (r == 0)
		r = open_changes(peek, err);
	return r < 0 ? r : open_layers(peek, err);
}

/* Where its mounts were to go is no change of its own. */
static void forget_ours(struct changes *changes)
{
	size_t n = 0;

	for (size_t i = 0; i < changes->n; i++)
		if (changes->v[i].kind != CHANGE_ADDED || !spec_is_mounted(changes->v[i].path))
			changes->v[n++] = changes->v[i];
	changes->n = n;
}

/* They lie below its layers, and in a copy of these. */
static int open_places(const struct peek *peek, int *ret_fd, struct err *err)
{
	const char *root = peek->engine->root;
	auto_close int base_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return base_fd < 0 ? err_sys(err, errno, "open '%s'", root)
			   : places_open(root, base_fd, ret_fd, err);
}

static const int *with_places(const struct peek *peek, int places_fd)
{
	int *fds = arena_array(peek->arena, int, peek->n_layers + 1);

	fds[0] = places_fd;
	memcpy(fds + 1, peek->layer_fds, peek->n_layers * sizeof(*fds));
	return fds;
}

int peek_changes(struct peek *peek, struct changes *ret, struct err *err)
{
	auto_close int places_fd = -1;
	struct changes_request request;
	int r = open_parts(peek, err);

	if (r == 0)
		r = open_places(peek, &places_fd, err);
	if (r < 0)
		return r;
	request = (struct changes_request){ .changes_fd = peek->changes_fd,
					    .layer_fds = with_places(peek, places_fd),
					    .n_layers = peek->n_layers + 1 };
	r = changes_read(&request, peek->arena, ret, err);
	if (r == 0)
		forget_ours(ret);
	return r;
}

int peek_open_changes(struct peek *peek, int *ret_fd, struct err *err)
{
	int r = open_parts(peek, err);

	return r < 0 ? r : changes_open(peek->changes_fd, ret_fd, err);
}

/* ------------------------------------------------------------------------------- its root */

static int open_dir(const char *path, int *ret_fd, struct err *err)
{
	*ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys(err, errno, "open '%s'", path) : 0;
}

/* A clone of its mount alone: nothing is mounted in there. */
static int open_directory(const char *path, int *ret_fd, struct err *err)
{
	auto_close int fd = -1;
	int r = open_dir(path, &fd, err);

	if (r < 0)
		return r;
	*ret_fd = mount_clone(fd, "", false);
	return *ret_fd < 0 ? err_sys(err, -*ret_fd, "look into '%s'", path) : 0;
}

/* The changes become the uppermost layer. One layer alone needs nothing to be put together. */
static int mount_parts(struct peek *peek, const char *path, int *ret_fd, struct err *err)
{
	auto_close int target_fd = -1;
	struct snapshot_request request = { .changes_fd = -1 };
	int upper_fd = -1, r = open_parts(peek, err);

	if (r == 0)
		r = changes_open(peek->changes_fd, &upper_fd, err);
	if (r != 0) {
		*ret_fd = upper_fd; /* of a copy, which is all of it */
		return r < 0 ? r : 0;
	}
	if (upper_fd >= 0)
		peek->layer_fds[peek->n_layers++] = upper_fd;
	request.layer_fds = peek->layer_fds;
	request.n_layers = peek->n_layers;
	if (request.n_layers == 1) {
		*ret_fd = openat(peek->layer_fds[0], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return *ret_fd < 0 ? err_sys(err, errno, "open its only layer") : 0;
	}
	r = open_dir(path, &target_fd, err);
	if (r == 0)
		r = snapshot_mount(&request, target_fd, err);
	return r < 0 ? r : open_dir(path, ret_fd, err);
}

int peek_open_root(struct peek *peek, int *ret_fd, struct err *err)
{
	struct root root;
	int r = root_find(peek->engine, &peek->entry, peek->config, peek->arena, &root, err);

	if (r == 0 && root.kind == ROOT_VIEW)
		return err_set(err, ERR_CONFLICT, EINVAL,
			       "its root is a view of the host's own, of which nothing is kept");
	if (r == 0)
		r = root_enter_namespace(err);
	if (r < 0)
		return r;
	return root.kind == ROOT_IMAGE ? mount_parts(peek, root.path, ret_fd, err)
				       : open_directory(peek->config->rootfs, ret_fd, err);
}
