/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a pull: what the name stands for, the manifest (of several platforms the one that is
 * wanted), the configuration, and then what is missing of its layers. The document that says what
 * is to come is there, and was compared with its digest, before anything that it names is asked
 * for.
 */
#include "transfer/pull.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "image/manifest.h"
#include "transfer/intake.h"
#include "transfer/progress.h"

#include <string.h>

struct pull {
	const struct pull_request *request;
	struct arena *arena;
	struct reference reference; /* whole */
	struct intake_document index, manifest, config;
	bool has_index;
	struct intake intake;
	struct progress *progress;
};

/* One blob on its way. */
struct arrival {
	struct pull *pull;
	struct intake_layer *layer;
	size_t row;
};

static void pull_done(struct pull *pull)
{
	intake_close(&pull->intake);
	progress_free(pull->progress);
}

/* ------------------------------------------------------------------------------- documents */

static void take_document(const struct registry_manifest *from, struct intake_document *ret)
{
	*ret = (struct intake_document){ from->media_type, from->json, from->size, from->digest };
}

static int get_document(struct pull *pull, const struct reference *reference,
			struct intake_document *ret, struct manifest **ret_manifest,
			struct err *err)
{
	struct registry_manifest served = {};
	int r = registry_get_manifest(pull->request->registry, reference, pull->arena, &served,
				      err);

	if (r == 0)
		r = manifest_parse(served.json, served.size, served.media_type, pull->arena,
				   ret_manifest, err);
	if (r == 0)
		take_document(&served, ret);
	return r;
}

/* Of several platforms' images the one that is wanted. */
static int choose(struct pull *pull, struct manifest **manifest, struct err *err)
{
	struct reference chosen = pull->reference;
	const struct descriptor *what = NULL;
	int r = manifest_choose(*manifest, pull->request->platform, &what, err);

	if (r < 0)
		return r;
	pull->index = pull->manifest;
	pull->has_index = true;
	chosen.tag = NULL;
	chosen.digest = what->digest;
	r = get_document(pull, &chosen, &pull->manifest, manifest, err);
	if (r == 0 && (*manifest)->kind != MANIFEST_IMAGE)
		r = err_set(err, ERR_USAGE, ENOTSUP, "an index in an index is no image");
	return r;
}

static int get_config(struct pull *pull, const struct manifest *manifest, struct err *err)
{
	const struct descriptor *what = manifest->config;
	char *json = NULL;
	int r = registry_get_blob(pull->request->registry, &pull->reference, what,
				  MANIFEST_MAX_BYTES, pull->arena, &json, err);

	if (r < 0)
		return r;
	pull->config = (struct intake_document){ what->media_type, json, (size_t)what->size,
						 what->digest };
	return 0;
}

/* One whole name, of those that a short one may stand for. */
static int try_name(struct pull *pull, const char *name, struct manifest **ret, struct err *err)
{
	int r = reference_parse(name, pull->arena, &pull->reference, err);

	if (r < 0)
		return r;
	reference_default(&pull->reference, pull->arena);
	if (pull->reference.digest.text[0])
		pull->reference.tag = NULL;
	return get_document(pull, &pull->reference, &pull->manifest, ret, err);
}

/* The words of the first that failed are told: the others are what it may stand for as well. */
static int find_manifest(struct pull *pull, struct manifest **ret, struct err *err)
{
	struct oci_strings names = {};
	int first = registry_expand(pull->request->registry, pull->request->name, pull->arena,
				    &names, err);

	for (size_t i = 0; first == 0 && i < names.n; i++) {
		struct err other = {};
		int r = try_name(pull, names.v[i], ret, i ? &other : err);

		if (r == 0) {
			*err = (struct err){};
			return 0;
		}
		if (i == 0)
			first = r;
	}
	return first;
}

/* ------------------------------------------------------------------------------- blobs */

static bool on_progress(const struct registry_fetch *fetch)
{
	struct arrival *arrival = fetch->data;
	struct pull *pull = arrival->pull;

	intake_tell(&pull->intake, arrival->layer, fetch->bytes, fetch->restarts);
	progress_set(pull->progress, arrival->row,
		     fetch->bytes < (uint64_t)fetch->what->size ? PROGRESS_MOVING
								: PROGRESS_WORKING,
		     fetch->bytes);
	return true;
}

static void name_rows(struct pull *pull)
{
	pull->progress = progress_new(pull->request->progress_fd, pull->intake.n, "downloading",
				      "pull complete");
	for (size_t i = 0; i < pull->intake.n; i++) {
		const struct intake_layer *layer = &pull->intake.layers[i];

		progress_name(pull->progress, i, digest_hex(&layer->what->digest),
			      (uint64_t)layer->what->size);
		if (!layer->is_missing && layer->is_unpacked)
			progress_set(pull->progress, i, PROGRESS_NEEDLESS, 0);
	}
}

static int fetch_layers(struct pull *pull, struct err *err)
{
	struct registry_fetch *fetches =
		arena_array(pull->arena, struct registry_fetch, pull->intake.n + 1);
	struct arrival *arrivals = arena_array(pull->arena, struct arrival, pull->intake.n + 1);
	size_t n = 0;
	int r;

	for (size_t i = 0; i < pull->intake.n; i++) {
		struct intake_layer *layer = &pull->intake.layers[i];

		if (!layer->is_missing)
			continue;
		arrivals[n] = (struct arrival){ pull, layer, i };
		fetches[n] = (struct registry_fetch){ .what = layer->what, .fd = layer->blob_fd,
						      .progress = on_progress,
						      .data = &arrivals[n] };
		n++;
	}
	r = registry_fetch_all(pull->request->registry, &pull->reference, fetches, n, err);
	for (size_t i = 0; r == 0 && i < n; i++)
		intake_complete(arrivals[i].layer);
	return r;
}

static void finish_rows(struct pull *pull)
{
	for (size_t i = 0; i < pull->intake.n; i++) {
		const struct intake_layer *layer = &pull->intake.layers[i];

		if (layer->bytes || layer->is_missing)
			progress_set(pull->progress, i, PROGRESS_DONE,
				     (uint64_t)layer->what->size);
	}
}

/* ------------------------------------------------------------------------------- all of it */

static bool has(const struct store *store, const char *text, bool is_layer)
{
	struct digest digest;
	struct err ignored;

	if (digest_parse(text, &digest, &ignored) < 0)
		return false;
	return is_layer ? store_has_layer(store, &digest) : store_has_blob(store, &digest);
}

static bool has_all(const struct store *store, const struct oci_strings *texts, bool is_layer)
{
	for (size_t i = 0; i < texts->n; i++)
		if (!has(store, texts->v[i], is_layer))
			return false;
	return true;
}

static bool is_there(const struct pull *pull, const char *reference, struct store_image *ret)
{
	const struct store *store = pull->request->store;
	struct store_image *image = NULL;
	struct err ignored;

	if (store_find(store, reference, pull->arena, &image, &ignored) < 0 ||
	    !digest_is_equal(&image->manifest, &pull->manifest.digest) ||
	    !has(store, image->manifest_text, false) || !has(store, image->config_text, false) ||
	    !has_all(store, &image->blob_texts, false) ||
	    !has_all(store, &image->layer_texts, true))
		return false;
	*ret = *image;
	return true;
}

static int take_in(struct pull *pull, const char *reference, struct store_image *ret,
		   struct err *err)
{
	const struct intake_request request = {
		.store = pull->request->store,
		.reference = reference,
		.manifest = pull->manifest,
		.config = pull->config,
		.index = pull->has_index ? &pull->index : NULL,
	};
	int r = intake_open(&request, pull->arena, &pull->intake, err);

	if (r < 0)
		return r;
	name_rows(pull);
	r = fetch_layers(pull, err);
	if (r == 0)
		r = intake_keep(&pull->intake, ret, err);
	if (r == 0)
		finish_rows(pull);
	return r;
}

int pull_image(const struct pull_request *request, struct arena *arena, struct pull_result *ret,
	       struct err *err)
{
	auto_cleanup(pull_done) struct pull pull = { .request = request, .arena = arena };
	struct manifest *manifest = NULL;
	const char *reference;
	int r = find_manifest(&pull, &manifest, err);

	*ret = (struct pull_result){};
	ret->served = pull.manifest.digest;
	if (r == 0 && manifest->kind == MANIFEST_INDEX)
		r = choose(&pull, &manifest, err);
	if (r == 0)
		r = manifest_check_image(manifest, err);
	if (r < 0)
		return r;
	reference = reference_format(&pull.reference, arena);
	ret->was_there = is_there(&pull, reference, &ret->image);
	if (ret->was_there)
		return 0;
	r = get_config(&pull, manifest, err);
	return r < 0 ? r : take_in(&pull, reference, &ret->image, err);
}
