/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking away what an image left behind. First everything it was made of is locked, as far as
 * nobody else holds it; only then it is looked up who uses what: who took something for his own
 * image or container before had it locked, or has written that down by now. A layer disappears in
 * one rename, and its many files after the locks were released.
 */
#include "base/cleanup.h"
#include "store/layout.h"
#include "sys/rmtree.h"

#include <stdlib.h>
#include <string.h>

struct thing {
	enum store_kind kind;
	struct digest digest;
	int lock_fd; /* -1: somebody else's */
};

struct collection {
	const struct store *store;
	struct thing *v;
	size_t n;
	const char **used; /* sorted */
	size_t n_used;
	bool look_only;
	struct arena *arena;
	struct store_collected *ret;
};

static void collection_done(struct collection *c)
{
	for (size_t i = 0; i < c->n; i++)
		closep(&c->v[i].lock_fd);
}

/* ------------------------------------------------------------------------------- what it has */

static int add(struct collection *c, enum store_kind kind, const char *text, struct err *err)
{
	struct thing *thing = &c->v[c->n];
	int r;

	*thing = (struct thing){ .kind = kind, .lock_fd = -1 };
	r = digest_parse(text, &thing->digest, err);
	if (r < 0)
		return r;
	c->n++;
	r = store_lock(c->store, kind, text, STORE_TRY, &thing->lock_fd, err);
	return r == -EWOULDBLOCK ? 0 : r;
}

static int add_all(struct collection *c, const struct store_image *image, struct err *err)
{
	const char *documents[] = { image->manifest_text, image->config_text, image->index_text };
	int r = 0;

	c->v = arena_array(c->arena, struct thing,
			   image->layer_texts.n + image->blob_texts.n + 3);
	for (size_t i = 0; r == 0 && i < image->layer_texts.n; i++)
		r = add(c, STORE_LAYER, image->layer_texts.v[i], err);
	for (size_t i = 0; r == 0 && i < image->blob_texts.n; i++)
		r = add(c, STORE_BLOB, image->blob_texts.v[i], err);
	for (size_t i = 0; r == 0 && i < sizeof(documents) / sizeof(documents[0]); i++)
		if (documents[i])
			r = add(c, STORE_BLOB, documents[i], err);
	return r;
}

/* ------------------------------------------------------------------------------- what is used */

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void use(struct collection *c, const char *text)
{
	if (text)
		c->used[c->n_used++] = text;
}

static void use_list(struct collection *c, const struct oci_strings *texts)
{
	for (size_t i = 0; i < texts->n; i++)
		use(c, texts->v[i]);
}

static int find_used(struct collection *c, const struct store_keep *keep, struct err *err)
{
	struct store_image **list = NULL;
	struct oci_strings kept = {};
	size_t n = 0, total;
	int r = keep->find(keep->data, c->arena, &kept, err);

	if (r == 0)
		r = store_list(c->store, c->arena, &list, &n, err);
	if (r < 0)
		return r;
	total = kept.n;
	for (size_t i = 0; i < n; i++)
		total += list[i]->layer_texts.n + list[i]->blob_texts.n + 3;
	c->used = arena_array(c->arena, const char *, total + 1);
	for (size_t i = 0; i < n; i++) {
		use_list(c, &list[i]->layer_texts);
		use_list(c, &list[i]->blob_texts);
		use(c, list[i]->manifest_text);
		use(c, list[i]->config_text);
		use(c, list[i]->index_text);
	}
	use_list(c, &kept);
	qsort(c->used, c->n_used, sizeof(*c->used), compare_texts);
	return 0;
}

static bool is_used(const struct collection *c, const struct digest *digest)
{
	const char *text = digest->text;

	return bsearch(&text, c->used, c->n_used, sizeof(*c->used), compare_texts) != NULL;
}

/* ------------------------------------------------------------------------------- removing */

static void note(struct oci_strings *list, const struct collection *c, const struct thing *thing)
{
	list->v[list->n++] = arena_strdup(c->arena, thing->digest.text);
}

static int remove_blob(struct collection *c, const struct thing *thing, struct err *err)
{
	auto_close int fd = -1;
	uint64_t bytes = 0;
	int r;

	if (store_open_blob(c->store, &thing->digest, &fd, &bytes, err) < 0)
		return err->kind == ERR_NOT_FOUND ? 0 : -err->no;
	r = c->look_only ? 0 : store_drop_blob(c->store, &thing->digest, err);
	if (r < 0)
		return r;
	c->ret->bytes += bytes;
	note(&c->ret->blobs, c, thing);
	return 0;
}

static uint64_t layer_bytes(const struct collection *c, const struct digest *diff_id)
{
	struct store_layer *layer = NULL;
	struct err ignored;

	return store_open_layer(c->store, diff_id, c->arena, NULL, &layer, &ignored) < 0
		       ? 0
		       : layer->file_bytes;
}

static int hide_layer(struct collection *c, const struct thing *thing, char *ret_stage,
		      struct err *err)
{
	uint64_t bytes = layer_bytes(c, &thing->digest);
	int r;

	if (c->look_only)
		r = store_has_layer(c->store, &thing->digest) ? 0 : 1;
	else
		r = layout_hide_layer(c->store, &thing->digest, ret_stage, err);
	if (r == 0) {
		c->ret->bytes += bytes;
		note(&c->ret->layers, c, thing);
	}
	if (r != 0 || c->look_only)
		ret_stage[0] = '\0';
	return r < 0 ? r : 0;
}

/* With the thing goes its lock, which is held. */
static void remove_lock(const struct collection *c, const struct thing *thing)
{
	store_drop_lock(c->store, thing->kind, thing->digest.text);
}

static int remove_unused(struct collection *c, char (*stages)[LAYOUT_STAGE_BYTES], struct err *err)
{
	int first = 0;

	for (size_t i = 0; i < c->n && first == 0; i++) {
		const struct thing *thing = &c->v[i];

		if (thing->lock_fd < 0 || is_used(c, &thing->digest))
			continue;
		first = thing->kind == STORE_LAYER ? hide_layer(c, thing, stages[i], err)
						   : remove_blob(c, thing, err);
		if (first == 0 && !c->look_only)
			remove_lock(c, thing);
	}
	return first;
}

/* What can't be removed now is rubbish that the next one who stages something removes. */
static void remove_hidden(const struct collection *c, char (*stages)[LAYOUT_STAGE_BYTES])
{
	const char **names = arena_array(c->arena, const char *, c->n + 1);
	auto_close int staging_fd = -1;
	struct err ignored;
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (stages[i][0])
			names[n++] = stages[i];
	if (n && layout_find_dir(c->store, LAYOUT_STAGING, &staging_fd, &ignored) == 0)
		rmtree_all(staging_fd, names, n);
}

static int collect(struct collection *c, const struct store_image *image,
		   const struct store_keep *keep, struct err *err)
{
	char(*stages)[LAYOUT_STAGE_BYTES];
	int r;

	*c->ret = (struct store_collected){};
	r = add_all(c, image, err);
	if (r == 0)
		r = find_used(c, keep, err);
	stages = arena_alloc(c->arena, sizeof(*stages) * (c->n + 1));
	c->ret->layers.v = arena_array(c->arena, char *, c->n + 1);
	c->ret->blobs.v = arena_array(c->arena, char *, c->n + 1);
	if (r == 0)
		r = remove_unused(c, stages, err);
	collection_done(c);
	remove_hidden(c, stages);
	return r;
}

int store_collect(const struct store *store, const struct store_image *image,
		  const struct store_keep *keep, struct arena *arena,
		  struct store_collected *ret, struct err *err)
{
	struct collection c = { .store = store, .arena = arena, .ret = ret };

	return collect(&c, image, keep, err);
}

int store_find_unused(const struct store *store, const struct store_image *image,
		      const struct store_keep *keep, struct arena *arena,
		      struct store_collected *ret, struct err *err)
{
	struct collection c = { .store = store, .look_only = true, .arena = arena, .ret = ret };

	return collect(&c, image, keep, err);
}
