/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images share what they are made of, so they are taken apart first: each piece (a layer or a blob)
 * is looked up once and put down to the images that have it. What a layer comes to was written down
 * when it was unpacked; what a container changed is measured by a walk.
 */
#include "engine/disk.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "engine/entry.h"
#include "sys/measure.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct piece {
	const char *text; /* digest or diffID */
	bool is_layer;
	size_t owner;     /* of the names of an image the first */
};

struct taking {
	const struct store *store;
	struct disk *disk;
	struct arena *arena;
	struct piece *pieces;
	size_t n;
};

/* ------------------------------------------------------------------------------- containers */

/* Something in there that can't be looked at is no reason to say nothing of the rest. */
static uint64_t measure_place(const struct entry *entry, const char *path)
{
	auto_close int fd = openat(entry->dir_fd, path,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct measure seen = {};
	int r = fd < 0 ? 0 : measure_dir(fd, &seen);

	if (r < 0)
		log_warn("container %.12s: not all of its '%s' can be measured: %s", entry->id,
			 path, strerror(-r));
	return seen.file_bytes;
}

static uint64_t measure_container(const struct engine *engine, const struct config *config)
{
	auto_entry struct entry entry = ENTRY_NONE;
	struct err ignored;

	if (entry_open_id(engine, config->id, &entry, &ignored) < 0)
		return 0;
	return measure_place(&entry, ENTRY_CHANGES_DIR) +
	       measure_place(&entry, ENTRY_VOLUMES_DIR) +
	       measure_place(&entry, ENTRY_SHOWN_DIR);
}

static uint64_t layer_bytes(const struct store *store, const char *diff_id, struct arena *arena)
{
	struct store_layer *layer = NULL;
	struct digest digest;
	struct err ignored;

	if (digest_parse(diff_id, &digest, &ignored) < 0 ||
	    store_open_layer(store, &digest, arena, NULL, &layer, &ignored) < 0)
		return 0;
	return layer->file_bytes;
}

void engine_container_size(const struct engine *engine, const struct config *config,
			   struct arena *arena, struct disk_size *ret)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_store struct store store = STORE_NONE;
	struct err ignored;

	*ret = (struct disk_size){};
	if (entry_open_id(engine, config->id, &entry, &ignored) == 0)
		ret->changed_bytes = measure_place(&entry, ENTRY_CHANGES_DIR);
	if (engine_open_store(engine, &store, &ignored) < 0)
		return;
	for (size_t i = 0; i < config->layers.n; i++)
		ret->layer_bytes += layer_bytes(&store, config->layers.v[i], arena);
}

static void add_container(const struct engine *engine, const struct engine_container *container,
			  struct disk *disk)
{
	struct disk_container *one = &disk->containers[disk->n_containers++];
	struct disk_total *total = &disk->container_total;

	one->container = container;
	one->bytes = measure_container(engine, container->config);
	one->is_active = container->status->kind == STATUS_RUNNING ||
			 container->status->kind == STATUS_PAUSED;
	total->n++;
	total->n_active += one->is_active;
	total->bytes += one->bytes;
	total->free_bytes += one->is_active ? 0 : one->bytes;
}

static int take_containers(const struct engine *engine, struct arena *arena, struct disk *disk,
			   struct err *err)
{
	struct engine_container *list = NULL;
	size_t n = 0;
	int r = engine_list(engine, arena, &list, &n, err);

	if (r < 0)
		return r;
	disk->containers = arena_array(arena, struct disk_container, n + 1);
	for (size_t i = 0; i < n; i++)
		add_container(engine, &list[i], disk);
	return 0;
}

/* ------------------------------------------------------------------------------- images */

static size_t count_users(const struct disk *disk, const struct store_image *image)
{
	size_t n = 0;

	for (size_t i = 0; i < disk->n_containers; i++) {
		const struct config *config = disk->containers[i].container->config;

		n += config_is_of(config, image->config_text) ||
		     config_shows(config, image->config_text);
	}
	return n;
}

static void add_piece(struct taking *t, const char *text, bool is_layer, size_t owner)
{
	if (text)
		t->pieces[t->n++] = (struct piece){ text, is_layer, owner };
}

static void take_apart(struct taking *t, size_t owner)
{
	const struct store_image *image = t->disk->images[owner].image;

	for (size_t i = 0; i < image->layer_texts.n; i++)
		add_piece(t, image->layer_texts.v[i], true, owner);
	for (size_t i = 0; i < image->blob_texts.n; i++)
		add_piece(t, image->blob_texts.v[i], false, owner);
	add_piece(t, image->manifest_text, false, owner);
	add_piece(t, image->config_text, false, owner);
	add_piece(t, image->index_text, false, owner);
}

/* Which of the names before it is the same image's; itself if it is the first. */
static size_t find_owner(const struct disk *disk, size_t of)
{
	const struct digest *manifest = &disk->images[of].image->manifest;
	size_t i = 0;

	while (!digest_is_equal(&disk->images[i].image->manifest, manifest))
		i++;
	return i;
}

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	int r = x->is_layer != y->is_layer ? x->is_layer - y->is_layer : strcmp(x->text, y->text);

	return r ? r : (x->owner > y->owner) - (x->owner < y->owner);
}

/* One that is missing takes nothing; `tare system check` tells of it. */
static uint64_t piece_bytes(const struct taking *t, const struct piece *piece)
{
	auto_close int fd = -1;
	struct digest digest;
	uint64_t bytes = 0;
	struct err ignored;

	if (piece->is_layer)
		return layer_bytes(t->store, piece->text, t->arena);
	if (digest_parse(piece->text, &digest, &ignored) < 0)
		return 0;
	return store_open_blob(t->store, &digest, &fd, &bytes, &ignored) < 0 ? 0 : bytes;
}

/* The first `n` of them are one piece; an image that has it twice has it once. */
static void put_down(struct taking *t, const struct piece *pieces, size_t n)
{
	struct disk_total *total = &t->disk->image_total;
	bool is_shared = pieces[0].owner != pieces[n - 1].owner, is_used = false;
	uint64_t bytes = piece_bytes(t, &pieces[0]);

	for (size_t i = 0; i < n; i++) {
		struct disk_image *owner = &t->disk->images[pieces[i].owner];

		is_used = is_used || owner->n_containers;
		if (i && pieces[i].owner == pieces[i - 1].owner)
			continue;
		owner->shared_bytes += is_shared ? bytes : 0;
		owner->unique_bytes += is_shared ? 0 : bytes;
	}
	total->bytes += bytes;
	total->free_bytes += is_used ? 0 : bytes;
}

static void put_down_all(struct taking *t)
{
	size_t begin = 0;

	if (t->n)
		qsort(t->pieces, t->n, sizeof(*t->pieces), compare_pieces);
	for (size_t i = 1; i <= t->n; i++) {
		if (i < t->n && t->pieces[i].is_layer == t->pieces[begin].is_layer &&
		    strcmp(t->pieces[i].text, t->pieces[begin].text) == 0)
			continue;
		put_down(t, t->pieces + begin, i - begin);
		begin = i;
	}
}

static void list_images(struct taking *t, struct store_image *const *list, size_t n)
{
	size_t n_pieces = 0;

	for (size_t i = 0; i < n; i++)
		n_pieces += list[i]->layer_texts.n + list[i]->blob_texts.n + 3;
	t->pieces = arena_array(t->arena, struct piece, n_pieces + 1);
	t->disk->images = arena_array(t->arena, struct disk_image, n + 1);
	t->disk->n_images = n;
	for (size_t i = 0; i < n; i++)
		t->disk->images[i] = (struct disk_image){
			.image = list[i], .n_containers = count_users(t->disk, list[i])
		};
}

static int take_images(struct taking *t, struct err *err)
{
	struct disk *disk = t->disk;
	struct store_image **list = NULL;
	size_t n = 0;
	int r = store_list(t->store, t->arena, &list, &n, err);

	if (r < 0)
		return r;
	list_images(t, list, n);
	for (size_t i = 0; i < n; i++)
		if (find_owner(disk, i) == i) {
			take_apart(t, i);
			disk->image_total.n++;
			disk->image_total.n_active += disk->images[i].n_containers > 0;
		}
	put_down_all(t);
	for (size_t i = 0; i < n; i++) {
		const struct disk_image *owner = &disk->images[find_owner(disk, i)];

		disk->images[i].shared_bytes = owner->shared_bytes;
		disk->images[i].unique_bytes = owner->unique_bytes;
	}
	return 0;
}

int engine_disk(const struct engine *engine, struct arena *arena, struct disk *ret,
		struct err *err)
{
	auto_store struct store store = STORE_NONE;
	struct taking t = { &store, ret, arena, NULL, 0 };
	int r = engine_open_store(engine, &store, err);

	*ret = (struct disk){};
	if (r == 0)
		r = take_containers(engine, arena, ret, err);
	return r < 0 ? r : take_images(&t, err);
}
