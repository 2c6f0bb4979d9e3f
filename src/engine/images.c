/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be done to an image: one that containers were made from is not taken from under them.
 */
#include "engine/images.h"

#include "base/cleanup.h"
#include "engine/container.h"
#include "engine/entry.h"
#include "engine/image_mount.h"
#include "image/reference.h"
#include "oci/list.h"

#include <string.h>

int engine_open_store(const struct engine *engine, struct store *ret, struct err *err)
{
	return store_open(engine->root, false, ret, err);
}

int engine_image_find(const struct engine *engine, const char *who, struct arena *arena,
		      struct store_found *ret, struct err *err)
{
	auto_store struct store store = STORE_NONE;
	int r = engine_open_store(engine, &store, err);

	return r < 0 ? r : store_search_one(&store, who, arena, ret, err);
}

/* ------------------------------------------------------------------------------- names */

/* A name to give: whole, and no digest, which is not ours to choose. */
static int parse_new_name(const char *name, struct arena *arena, char **ret, struct err *err)
{
	struct reference reference;
	int r = reference_parse(name, arena, &reference, err);

	if (r < 0)
		return r;
	if (reference.digest.text[0])
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%.200s' has a digest: an image can't be given one", name);
	reference_default(&reference, arena);
	*ret = reference_format(&reference, arena);
	return 0;
}

int engine_image_tag(const struct engine *engine, const char *who, const char *name,
		     struct arena *arena, struct err *err)
{
	auto_store struct store store = STORE_NONE;
	struct store_image renamed;
	struct store_found image;
	char *reference = NULL;
	int r = engine_open_store(engine, &store, err);

	if (r == 0)
		r = store_search(&store, who, arena, &image, err);
	if (r == 0)
		r = parse_new_name(name, arena, &reference, err);
	if (r < 0)
		return r;
	renamed = *image.image;
	renamed.reference = reference;
	return store_tag(&store, &renamed, arena, err);
}

/* Nothing of an image that loses its last name is forgotten: it goes on without one. */
static int untag(const struct store *store, const struct store_found *image, const char *name,
		 bool is_last, struct arena *arena, struct err *err)
{
	struct store_image nameless = *image->image;

	nameless.reference = arena_printf(arena, "@%s", nameless.manifest.text);
	if (is_last) {
		int r = store_tag(store, &nameless, arena, err);

		if (r < 0)
			return r;
	}
	return store_untag(store, name, err);
}

int engine_image_untag(const struct engine *engine, const char *who, char *const *names,
		       struct arena *arena, struct err *err)
{
	auto_store struct store store = STORE_NONE;
	struct store_found image;
	size_t left;
	int r = engine_open_store(engine, &store, err);

	if (r == 0)
		r = store_search(&store, who, arena, &image, err);
	if (r < 0)
		return r;
	left = image.n_names;
	if (!*names) {
		for (size_t i = 0; r == 0 && i < image.n_names; i++)
			r = untag(&store, &image, image.names[i], --left == 0, arena, err);
		return r;
	}
	for (; r == 0 && *names; names++) {
		struct store_found named;

		r = store_search(&store, *names, arena, &named, err);
		if (r == 0 && (!named.name ||
			       !digest_is_equal(&named.image->config, &image.image->config)))
			r = err_set(err, ERR_NOT_FOUND, ENOENT, "'%.200s' is no name of '%.200s'",
				    *names, who);
		if (r == 0)
			r = untag(&store, &image, named.name, --left == 0, arena, err);
	}
	return r;
}

/* ------------------------------------------------------------------------------- removal */

static void add(struct oci_strings *list, size_t cap, char *text, struct arena *arena)
{
	if (!list->v)
		list->v = arena_array(arena, char *, cap + 1);
	list->v[list->n++] = text;
}

static bool runs(const struct engine *engine, const struct entry *entry, struct arena *arena)
{
	struct status *status = NULL;
	struct err ignored;

	return entry_has_monitor(entry) ||
	       container_status(engine, entry, arena, &status, &ignored) < 0 ||
	       status->kind == STATUS_RUNNING || status->kind == STATUS_PAUSED;
}

struct use {
	const struct engine *engine;
	bool is_running;
	struct arena *arena;
	struct oci_strings *layers;
	int r;
	struct err *err;
};

static void add_all(const struct use *use, const struct oci_strings *layers)
{
	for (size_t i = 0; i < layers->n; i++)
		strings_add(use->layers, use->arena, layers->v[i]);
}

/* One whose configuration can't be read may have been made from any. */
static void add_layers(void *data, const struct entry *entry)
{
	struct use *use = data;
	struct config *config = NULL;

	if (use->r < 0 || (use->is_running && !runs(use->engine, entry, use->arena)))
		return;
	use->r = entry_read_config(entry, use->arena, &config, use->err);
	if (use->r == 0)
		add_all(use, &config->layers);
	for (size_t i = 0; use->r == 0 && i < config->mounts.n; i++)
		add_all(use, &config->mounts.v[i].layers);
	if (use->r == -ENOENT) /* removed meanwhile */
		use->r = 0;
}

int engine_layers_in_use(const struct engine *engine, bool is_running, struct arena *arena,
			 struct oci_strings *ret, struct err *err)
{
	struct use use = { engine, is_running, arena, ret, 0, err };
	int r;

	*ret = (struct oci_strings){};
	r = entry_walk(engine, add_layers, &use, err);
	if (r == 0)
		r = use.r;
	return r < 0 ? r : image_mounted_layers(engine, arena, ret, err);
}

static int find_layers(void *data, struct arena *arena, struct oci_strings *ret, struct err *err)
{
	return engine_layers_in_use(data, false, arena, ret, err);
}

/* It was made from the image, or is only shown it. */
static int refuse_used(const struct config *config, bool is_running, bool is_of, const char *who,
		       struct err *err)
{
	(void)err_set(err, ERR_CONFLICT, EBUSY, "container %.12s (%s) %s it", config->id,
		      config->name, !is_of ? "is shown" : is_running ? "runs on" : "was made from");
	(void)err_wrap(err, "the image '%.200s' can't be removed", who);
	if (is_running)
		return err_hint(err, "'tare rm --force %s' ends and removes that container",
				config->name);
	return err_hint(err, "'tare rm %s' removes that container; --force removes the image alone",
			config->name);
}

/* `force` is for containers that have ended. */
static int check_users(const struct engine *engine, const struct digest *id, const char *who,
		       bool force, struct arena *arena, struct err *err)
{
	struct engine_container *list = NULL;
	size_t n = 0;
	int r = engine_list(engine, arena, &list, &n, err);

	for (size_t i = 0; r == 0 && i < n; i++) {
		bool is_running = list[i].status->kind == STATUS_RUNNING ||
				  list[i].status->kind == STATUS_PAUSED;
		bool is_of = config_is_of(list[i].config, id->text);

		if ((is_of || config_shows(list[i].config, id->text)) && (is_running || !force))
			r = refuse_used(list[i].config, is_running, is_of, who, err);
	}
	return r;
}

/* One that is mounted is being looked at; `force` ends that. */
static int check_mount(const struct engine *engine, const struct digest *id, const char *who,
		       bool force, struct err *err)
{
	if (!image_is_mounted(engine, id))
		return 0;
	if (force)
		return image_take_off(engine, id, true, err);
	(void)err_set(err, ERR_CONFLICT, EBUSY, "it is mounted");
	(void)err_wrap(err, "the image '%.200s' can't be removed", who);
	return err_hint(err, "'tare image unmount %.64s' takes the mount away", who);
}

static int check_names(const struct store_found *image, const char *who, bool force,
		       struct err *err)
{
	if (image->name || image->n_names < 2 || force)
		return 0;
	(void)err_set(err, ERR_CONFLICT, EBUSY, "the image '%.200s' has %zu names", who,
		      image->n_names);
	return err_hint(err, "name the one that is to go, or remove all with --force");
}

/* One removal. */
struct removal {
	const struct engine *engine;
	const struct store *store;
	struct arena *arena;
	const char *who;
	struct store_found image;
	struct engine_removed *ret;
};

static int untag_told(struct removal *removal, const char *name, struct err *err)
{
	struct reference reference;
	int r = store_untag(removal->store, name, err);

	if (r == 0)
		r = reference_parse(name, removal->arena, &reference, err);
	if (r == 0)
		add(&removal->ret->untagged, removal->image.n_names,
		    reference_familiar(&reference, removal->arena), removal->arena);
	return r;
}

static int untag_all(struct removal *removal, struct err *err)
{
	const char *nameless =
		arena_printf(removal->arena, "@%s", removal->image.image->manifest.text);
	struct err ignored;
	int r = 0;

	for (size_t i = 0; r == 0 && i < removal->image.n_names; i++)
		r = untag_told(removal, removal->image.names[i], err);
	if (r == 0)
		(void)store_untag(removal->store, nameless, &ignored);
	return r;
}

static int remove_whole(struct removal *removal, bool force, struct err *err)
{
	const struct store_keep keep = { find_layers, (void *)(uintptr_t)removal->engine };
	const struct store_image *image = removal->image.image;
	struct engine_removed *ret = removal->ret;
	struct store_collected gone;
	int r = check_users(removal->engine, &image->config, removal->who, force, removal->arena,
			    err);

	if (r == 0)
		r = check_mount(removal->engine, &image->config, removal->who, force, err);
	if (r == 0)
		r = untag_all(removal, err);
	if (r == 0)
		r = store_collect(removal->store, image, &keep, removal->arena, &gone, err);
	if (r < 0)
		return r;
	add(&ret->deleted, gone.layers.n + 1, image->config_text, removal->arena);
	for (size_t i = 0; i < gone.layers.n; i++)
		add(&ret->deleted, gone.layers.n + 1, gone.layers.v[i], removal->arena);
	ret->bytes = gone.bytes;
	return 0;
}

int engine_image_remove(const struct engine *engine, const char *who, bool force,
			struct arena *arena, struct engine_removed *ret, struct err *err)
{
	auto_store struct store store = STORE_NONE;
	struct removal removal = { engine, &store, arena, who, {}, ret };
	int r = engine_open_store(engine, &store, err);

	*ret = (struct engine_removed){};
	if (r == 0)
		r = store_search(&store, who, arena, &removal.image, err);
	if (r == 0)
		r = check_names(&removal.image, who, force, err);
	if (r < 0)
		return r;
	if (removal.image.name && removal.image.n_names > 1)
		return untag_told(&removal, removal.image.name, err);
	return remove_whole(&removal, force, err);
}
