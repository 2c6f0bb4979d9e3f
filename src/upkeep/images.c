/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image is mended by taking it in once more, from what the store has of it: its layers that are
 * not what they were are taken away before, and are unpacked again from their blobs. One that can't
 * be run any more, since a document is gone, or a layer and the blob it came in, loses its name, so
 * that it is pulled when it is asked for.
 */
#include "upkeep/images.h"

#include "base/cleanup.h"
#include "store/documents.h"
#include "transfer/intake.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One image being looked at. */
struct look {
	struct check *check;
	const struct store_image *image;
	struct manifest *manifest;   /* NULL: it can't be read */
	struct image_config *config; /* the same */
	const char *problem;         /* the first; NULL: none */
	bool can_run, has_blobs, is_held;
};

__attribute__((format(printf, 2, 3))) static void note(struct look *look, const char *fmt, ...)
{
	char text[512];
	va_list args;

	if (look->problem)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	look->problem = arena_strdup(look->check->arena, text);
}

/* ------------------------------------------------------------------------------- documents */

static int read_manifest(const struct check *check, const struct store_image *image,
			 struct manifest **ret, struct err *err)
{
	int r = store_read_manifest(check->request->store, image, check->arena, NULL, ret, err);

	return r == 0 ? manifest_check_image(*ret, err) : r;
}

static int read_config(const struct check *check, const struct store_image *image,
		       struct image_config **ret, struct err *err)
{
	return store_read_config(check->request->store, image, check->arena, NULL, ret, err);
}

static void expect(struct check *check, const struct descriptor *what)
{
	struct part *part = parts_find(check, what->digest.text, false);

	if (part && part->bytes < 0)
		part->bytes = what->size;
}

void image_expect(struct check *check, const struct store_image *image)
{
	struct manifest *manifest = NULL;
	struct err ignored;

	if (read_manifest(check, image, &manifest, &ignored) < 0)
		return;
	expect(check, manifest->config);
	for (size_t i = 0; i < manifest->layers.n; i++)
		expect(check, &manifest->layers.v[i]);
}

/* ------------------------------------------------------------------------------- looking */

static int look_at(struct look *look, const char *text, bool is_layer, const char *what, bool *ok,
		   struct err *err)
{
	struct part *part = parts_find(look->check, text, is_layer);
	int r;

	if (!part) { /* the reference does not name it, which is told of then */
		*ok = false;
		return 0;
	}
	r = parts_prove(look->check, part, err);
	if (r < 0 || part_is_whole(part))
		return r;
	*ok = false;
	look->is_held = look->is_held || (is_layer && part->is_running);
	note(look, "its %s%s%s %s", what, *what ? " " : "", part->text,
	     part->state == PART_MISSING ? "is not there" : "is broken");
	return 0;
}

static int look_at_documents(struct look *look, struct err *err)
{
	const struct store_image *image = look->image;
	struct err why = {};
	bool ok = true;
	int r = look_at(look, image->manifest_text, false, "manifest", &ok, err);

	if (r == 0)
		r = look_at(look, image->config_text, false, "configuration", &ok, err);
	if (r == 0 && image->index_text)
		r = look_at(look, image->index_text, false, "index", &look->has_blobs, err);
	if (r < 0 || !ok)
		return r;
	if (read_manifest(look->check, image, &look->manifest, &why) < 0)
		note(look, "its manifest: %s", why.msg);
	else if (read_config(look->check, image, &look->config, &why) < 0)
		note(look, "its configuration: %s", why.msg);
	else if (!digest_is_equal(&look->manifest->config->digest, &image->config))
		note(look, "its manifest names another configuration than its reference");
	else if (look->manifest->layers.n != look->config->diff_ids.n)
		note(look, "its manifest and its configuration differ in the number of layers");
	else
		look->can_run = true;
	return 0;
}

static int look_at_layers(struct look *look, struct err *err)
{
	const struct store_image *image = look->image;
	int r = 0;

	for (size_t i = 0; r == 0 && i < image->layer_texts.n; i++)
		r = look_at(look, image->layer_texts.v[i], true, "layer", &look->can_run, err);
	for (size_t i = 0; r == 0 && i < image->blob_texts.n; i++)
		r = look_at(look, image->blob_texts.v[i], false, "blob", &look->has_blobs, err);
	return r;
}

/* ------------------------------------------------------------------------------- comparing */

static bool names_same(const struct look *look)
{
	const struct store_image *image = look->image;
	size_t n = look->manifest->layers.n;

	if (image->blob_texts.n != n || image->layer_texts.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(image->blob_texts.v[i], look->manifest->layers.v[i].digest.text) != 0 ||
		    strcmp(image->layer_texts.v[i], look->config->diff_ids.v[i].text) != 0)
			return false;
	return true;
}

static bool sums_same(const struct look *look)
{
	const struct check *check = look->check;
	uint64_t bytes = 0;
	uint32_t max_id = 0;

	for (size_t i = 0; i < look->config->diff_ids.n; i++) {
		struct store_layer *layer = NULL;
		struct err ignored;

		if (store_open_layer(check->request->store, &look->config->diff_ids.v[i],
				     check->arena, NULL, &layer, &ignored) < 0)
			return true; /* the layer's own fault, which is told */
		bytes += layer->file_bytes;
		if (layer->max_id > max_id)
			max_id = layer->max_id;
	}
	return bytes == look->image->bytes && max_id == look->image->max_id;
}

static void compare(struct look *look)
{
	if (!look->manifest || !look->config)
		return;
	if (!names_same(look))
		note(look, "its reference names other layers than its manifest");
	else if (!sums_same(look))
		note(look, "its reference says other sizes and owners than its layers");
}

/* ------------------------------------------------------------------------------- mending */

/* What is not what it was goes, if it is there at all; nobody can begin to use it meanwhile. 1:
 * somebody uses it, or makes it. */
static int remove_layer(struct check *check, const struct part *part, struct err *err)
{
	const struct store *store = check->request->store;
	struct oci_strings running = {};
	auto_close int lock_fd = -1;
	int r = store_lock(store, STORE_LAYER, part->text, STORE_TRY, &lock_fd, err);

	if (r == 0)
		r = check->request->running->find(check->request->running->data, check->arena,
						  &running, err);
	for (size_t i = 0; r == 0 && i < running.n; i++)
		if (strcmp(running.v[i], part->text) == 0)
			return 1;
	if (r == 0)
		r = store_drop_layer(store, &part->digest, err);
	return r == -EWOULDBLOCK ? 1 : r;
}

static int remove_layers(struct look *look, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < look->config->diff_ids.n; i++) {
		struct part *part =
			parts_find(look->check, look->config->diff_ids.v[i].text, true);

		if (part && !part_is_whole(part))
			r = remove_layer(look->check, part, err);
	}
	return r;
}

static int read_document(const struct look *look, const struct digest *digest,
			 const char *media_type, struct intake_document *ret, struct err *err)
{
	auto_buf struct buf text = {};
	int r = store_read_blob(look->check->request->store, digest, MANIFEST_MAX_BYTES, &text,
				err);

	if (r < 0)
		return r;
	*ret = (struct intake_document){
		media_type, arena_strndup(look->check->arena, buf_str(&text), text.len), text.len,
		*digest,
	};
	return 0;
}

static int take_in(struct look *look, struct err *err)
{
	const struct store_image *image = look->image;
	struct intake_request request = { .store = look->check->request->store,
					  .reference = image->reference };
	auto_intake struct intake intake = {};
	struct intake_document index;
	struct store_image ret;
	int r = read_document(look, &image->manifest, look->manifest->media_type,
			      &request.manifest, err);

	if (r == 0)
		r = read_document(look, &image->config, look->manifest->config->media_type,
				  &request.config, err);
	if (r == 0 && image->index_text) {
		r = read_document(look, &image->index, NULL, &index, err);
		request.index = &index;
	}
	if (r == 0)
		r = intake_open(&request, look->check->arena, &intake, err);
	return r < 0 ? r : intake_keep(&intake, &ret, err);
}

static void note_mended(struct look *look)
{
	for (size_t i = 0; i < look->config->diff_ids.n; i++) {
		struct part *part =
			parts_find(look->check, look->config->diff_ids.v[i].text, true);

		if (!part || part_is_whole(part))
			continue;
		part->state = PART_MENDED;
		look->check->ret->n_layers++;
		check_tell(look->check, CHECK_MENDED, "layer", part->text,
			   "unpacked again from its blob", "%s", part->problem);
	}
}

/* What is not its layers' fault is its own, and has been written again. */
static int mend(struct look *look, bool is_own_fault, struct err *err)
{
	struct check *check = look->check;
	const char *name = look->image->reference;
	struct err why = {};
	int r = remove_layers(look, err);

	if (r < 0)
		return r;
	if (r == 0)
		r = take_in(look, &why);
	if (r != 0) {
		check_tell(check, CHECK_BROKEN, "image", name, r > 0 ? "somebody uses it" : why.msg,
			   "%s", look->problem);
		return 0;
	}
	note_mended(look);
	check->ret->n_images++;
	if (is_own_fault)
		check_tell(check, CHECK_MENDED, "image", name, "its reference was written again",
			   "%s", look->problem);
	return 0;
}

/* What can be done by who has a name for it. */
static const char *advise(const struct look *look, const char *before)
{
	const struct store_image *image = look->image;

	if (!store_image_is_named(image))
		return before;
	return arena_printf(look->check->arena, "%s%s'tare pull %s' fetches it again",
			    before ? before : "", before ? "; " : "", image->reference);
}

static int give_up(struct look *look, struct err *err)
{
	struct check *check = look->check;
	const char *name = look->image->reference;
	int r;

	if (look->can_run || look->is_held) {
		check_tell(check, CHECK_BROKEN, "image", name,
			   look->is_held ? "a container runs on it, or it is mounted"
					 : advise(look, NULL), "%s",
			   look->problem);
		return 0;
	}
	r = store_untag(check->request->store, name, err);
	if (r == 0 || err->kind == ERR_NOT_FOUND)
		check_tell(check, CHECK_MENDED, "image", name,
			   advise(look, "its reference was removed"), "%s", look->problem);
	return r < 0 && err->kind == ERR_NOT_FOUND ? 0 : r;
}

/* ------------------------------------------------------------------------------- all of it */

/* Somebody may have removed it, or pulled another, while it was being looked at. */
static bool is_still_so(const struct look *look)
{
	struct store_image *now = NULL;
	struct err ignored;

	return store_find(look->check->request->store, look->image->reference,
			  look->check->arena, &now, &ignored) == 0 &&
	       digest_is_equal(&now->manifest, &look->image->manifest);
}

int image_check(struct check *check, const struct store_image *image, struct err *err)
{
	struct look look = { .check = check, .image = image, .has_blobs = true };
	bool is_own_fault;
	int r = look_at_documents(&look, err);

	if (r == 0)
		r = look_at_layers(&look, err);
	if (r < 0)
		return r;
	is_own_fault = !look.problem;
	compare(&look);
	if (!look.problem)
		check->ret->n_images++;
	if (!look.problem || !is_still_so(&look))
		return 0;
	if (!check->request->repair) {
		check_tell(check, CHECK_BROKEN, "image", image->reference, advise(&look, NULL),
			   "%s", look.problem);
		return 0;
	}
	if (look.manifest && look.config && look.has_blobs && !look.is_held)
		return mend(&look, is_own_fault, err);
	return give_up(&look, err);
}
