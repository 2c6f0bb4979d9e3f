/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image is mounted by whoever wants to look into it, and stays so until he takes it off: nobody
 * attends it. What says that its layers are in use is written before and removed after. A directory
 * where nothing is mounted is one of before a reboot, or of another mount namespace, from where the
 * kernel takes the mount away with it; so it is removed by whoever finds it.
 */
#include "engine/image_mount.h"

#include "base/cleanup.h"
#include "oci/list.h"
#include "snapshot/snapshot.h"
#include "sys/makedirs.h"
#include "sys/mount.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOUNTS_DIR       "mounts"
#define LAYERS_SUFFIX    ".layers"
#define MAX_LAYERS_BYTES ((size_t)64 << 10)

#define NAME_BYTES (DIGEST_TEXT_BYTES + sizeof(LAYERS_SUFFIX))

/* ------------------------------------------------------------------------------- places */

/* -ENOENT has no words: nothing was ever mounted, and `make` is not wanted. */
static int open_mounts(const struct engine *engine, bool make, int *ret_fd, struct err *err)
{
	auto_buf struct buf path = {};
	int fd, r = 0;

	buf_printf(&path, "%s/" MOUNTS_DIR, engine->root);
	if (make)
		r = makedirs(buf_str(&path));
	if (r < 0)
		return err_sys(err, -r, "make '%s'", buf_str(&path));
	fd = open(buf_str(&path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return err_sys(err, errno, "open '%s'", buf_str(&path));
	*ret_fd = fd;
	return 0;
}

static char *path_of(const struct engine *engine, const char *hex, struct arena *arena)
{
	return arena_printf(arena, "%s/" MOUNTS_DIR "/%s", engine->root, hex);
}

static int open_target(int mounts_fd, const char *hex)
{
	return openat(mounts_fd, hex, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool is_mount(int mounts_fd, const char *hex)
{
	auto_close int fd = open_target(mounts_fd, hex);

	return fd >= 0 && !mount_is_same(mounts_fd, fd);
}

static void forget(int mounts_fd, const char *hex)
{
	char layers[NAME_BYTES];

	(void)snprintf(layers, sizeof(layers), "%s" LAYERS_SUFFIX, hex);
	if (unlinkat(mounts_fd, hex, AT_REMOVEDIR) == 0 || errno == ENOENT)
		(void)unlinkat(mounts_fd, layers, 0);
}

/* ------------------------------------------------------------------------------- mounting */

static int write_layers(int mounts_fd, const char *hex, const struct oci_strings *layers,
			struct err *err)
{
	char name[NAME_BYTES];
	auto_close int fd = -1;
	auto_buf struct buf text = {};

	(void)snprintf(name, sizeof(name), "%s" LAYERS_SUFFIX, hex);
	fd = openat(mounts_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, errno, "make '" MOUNTS_DIR "/%s'", name);
	for (size_t i = 0; i < layers->n; i++)
		buf_printf(&text, "%s\n", layers->v[i]);
	return buf_write_fd(&text, fd, name, err);
}

/* Layers, each with a lock that keeps it until it is written down that they are used. */
struct holding {
	int *layer_fds, *lock_fds;
	size_t n;
};

static void holding_done(struct holding *holding)
{
	for (size_t i = 0; i < holding->n; i++) {
		closep(&holding->layer_fds[i]);
		closep(&holding->lock_fds[i]);
	}
}

static int hold(const struct store *store, const struct oci_strings *layers, struct arena *arena,
		struct holding *ret, struct err *err)
{
	int r = 0;

	ret->layer_fds = arena_array(arena, int, layers->n + 1);
	ret->lock_fds = arena_array(arena, int, layers->n + 1);
	for (size_t i = 0; r == 0 && i < layers->n; i++) {
		struct digest diff_id;

		ret->layer_fds[i] = ret->lock_fds[i] = -1;
		ret->n++;
		r = store_lock(store, STORE_LAYER, layers->v[i], STORE_SHARED, &ret->lock_fds[i],
			       err);
		if (r == 0)
			r = digest_parse(layers->v[i], &diff_id, err);
		if (r == 0)
			r = store_open_layer(store, &diff_id, NULL, &ret->layer_fds[i], NULL, err);
	}
	if (r == 0 && !layers->n)
		r = err_set(err, ERR_USAGE, EINVAL, "it has no layers: there is nothing to see");
	return r;
}

static int mount_layers(const struct store *store, const struct store_image *image, int mounts_fd,
			struct arena *arena, struct err *err)
{
	const char *hex = digest_hex(&image->config);
	auto_cleanup(holding_done) struct holding holding = {};
	struct snapshot_request request = { .changes_fd = -1, .is_lasting = true };
	auto_close int target_fd = -1;
	int r = hold(store, &image->layer_texts, arena, &holding, err);

	if (r == 0)
		r = write_layers(mounts_fd, hex, &image->layer_texts, err);
	if (r < 0)
		return r;
	if (mkdirat(mounts_fd, hex, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "make '" MOUNTS_DIR "/%s'", hex);
	target_fd = open_target(mounts_fd, hex);
	if (target_fd < 0)
		return err_sys(err, errno, "open '" MOUNTS_DIR "/%s'", hex);
	request.layer_fds = holding.layer_fds;
	request.n_layers = holding.n;
	return snapshot_mount(&request, target_fd, err);
}

int image_mount(const struct engine *engine, const char *who, struct arena *arena,
		struct image_mounted *ret, struct err *err)
{
	auto_store struct store store = STORE_NONE;
	auto_close int mounts_fd = -1;
	struct store_found found;
	const char *hex;
	int r = engine_open_store(engine, &store, err);

	if (r == 0)
		r = store_search(&store, who, arena, &found, err);
	if (r == 0)
		r = open_mounts(engine, true, &mounts_fd, err);
	if (r < 0)
		return r;
	hex = digest_hex(&found.image->config);
	*ret = (struct image_mounted){ found.image->config_text, path_of(engine, hex, arena) };
	if (is_mount(mounts_fd, hex))
		return 0;
	r = mount_layers(&store, found.image, mounts_fd, arena, err);
	if (r < 0)
		forget(mounts_fd, hex);
	return r < 0 ? err_wrap(err, "mount the image '%.200s'", who) : 0;
}

/* ------------------------------------------------------------------------------- taking off */

static int take_off(const struct engine *engine, int mounts_fd, const char *hex, bool force,
		    struct err *err)
{
	auto_arena struct arena arena = {};
	const char *path = path_of(engine, hex, &arena);

	if (umount2(path, UMOUNT_NOFOLLOW | (force ? MNT_DETACH : 0)) < 0) {
		(void)err_sys(err, errno, "unmount '%s'", path);
		return err->no == EBUSY ? err_hint(err, "somebody is in it; --force unmounts it "
							"all the same")
					: -err->no;
	}
	forget(mounts_fd, hex);
	return 0;
}

int image_take_off(const struct engine *engine, const struct digest *id, bool force,
		   struct err *err)
{
	auto_close int mounts_fd = -1;
	int r = open_mounts(engine, false, &mounts_fd, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return take_off(engine, mounts_fd, digest_hex(id), force, err);
}

int image_unmount(const struct engine *engine, const char *who, bool force, struct arena *arena,
		  struct image_mounted *ret, struct err *err)
{
	struct store_found found;
	int r = engine_image_find(engine, who, arena, &found, err);
	const struct digest *id;

	if (r < 0)
		return r;
	id = &found.image->config;
	*ret = (struct image_mounted){ found.image->config_text,
				       path_of(engine, digest_hex(id), arena) };
	if (image_is_mounted(engine, id))
		return image_take_off(engine, id, force, err);
	return force ? 0 : err_set(err, ERR_CONFLICT, EINVAL, "the image '%.200s' is not mounted",
				   who);
}

/* ------------------------------------------------------------------------------- looking */

static int read_hexes(int mounts_fd, struct arena *arena, struct oci_strings *ret, struct err *err)
{
	int fd = openat(mounts_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!stream) {
		int r = err_sys(err, errno, "read '" MOUNTS_DIR "'");

		closep(&fd);
		return r;
	}
	while ((entry = readdir(stream)))
		if (!strchr(entry->d_name, '.'))
			strings_add(ret, arena, arena_strdup(arena, entry->d_name));
	(void)closedir(stream);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct image_mounted *)a)->id, ((const struct image_mounted *)b)->id);
}

int image_mounts(const struct engine *engine, struct arena *arena, struct image_mounted **ret,
		 size_t *ret_n, struct err *err)
{
	struct oci_strings hexes = {};
	auto_close int mounts_fd = -1;
	int r = open_mounts(engine, false, &mounts_fd, err);

	*ret = NULL;
	*ret_n = 0;
	if (r == 0)
		r = read_hexes(mounts_fd, arena, &hexes, err);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	*ret = arena_array(arena, struct image_mounted, hexes.n + 1);
	for (size_t i = 0; i < hexes.n; i++)
		if (is_mount(mounts_fd, hexes.v[i]))
			(*ret)[(*ret_n)++] = (struct image_mounted){
				arena_printf(arena, "sha256:%s", hexes.v[i]),
				path_of(engine, hexes.v[i], arena),
			};
	if (*ret_n)
		qsort(*ret, *ret_n, sizeof(**ret), compare);
	return 0;
}

bool image_is_mounted(const struct engine *engine, const struct digest *id)
{
	auto_close int mounts_fd = -1;
	struct err ignored;

	if (open_mounts(engine, false, &mounts_fd, &ignored) < 0)
		return false;
	if (is_mount(mounts_fd, digest_hex(id)))
		return true;
	forget(mounts_fd, digest_hex(id));
	return false;
}

static int add_layers(int mounts_fd, const char *hex, struct arena *arena, struct oci_strings *ret,
		      struct err *err)
{
	char name[NAME_BYTES];
	auto_close int fd = -1;
	auto_buf struct buf text = {};
	char *line, *rest;
	int r;

	(void)snprintf(name, sizeof(name), "%s" LAYERS_SUFFIX, hex);
	fd = openat(mounts_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, errno, "open '" MOUNTS_DIR "/%s'", name);
	r = buf_read_fd(&text, fd, MAX_LAYERS_BYTES, name, err);
	if (r < 0)
		return r;
	rest = arena_strdup(arena, buf_str(&text));
	while ((line = strsep(&rest, "\n")))
		if (*line)
			strings_add(ret, arena, line);
	return 0;
}

int image_mounted_layers(const struct engine *engine, struct arena *arena,
			 struct oci_strings *ret, struct err *err)
{
	struct oci_strings hexes = {};
	auto_close int mounts_fd = -1;
	int r = open_mounts(engine, false, &mounts_fd, err);

	if (r == 0)
		r = read_hexes(mounts_fd, arena, &hexes, err);
	for (size_t i = 0; r == 0 && i < hexes.n; i++)
		if (is_mount(mounts_fd, hexes.v[i]))
			r = add_layers(mounts_fd, hexes.v[i], arena, ret, err);
	return r == -ENOENT ? 0 : r;
}
