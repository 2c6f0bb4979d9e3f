/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As a pull, but what is missing is copied from a file: a layer is unpacked while the next one is
 * copied.
 */
#include "transfer/load.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "image/reference.h"
#include "transfer/intake.h"
#include "transfer/progress.h"

struct load {
	const struct load_request *request;
	struct arena *arena;
	struct intake_document index, manifest, config;
	bool has_index;
	struct intake intake;
	struct progress *progress;
};

static void load_done(struct load *load)
{
	intake_close(&load->intake);
	progress_free(load->progress);
}

/* ------------------------------------------------------------------------------- documents */

static int read_document(struct load *load, const struct descriptor *what,
			 struct intake_document *ret, struct err *err)
{
	auto_buf struct buf text = {};
	int r = transport_read_blob(load->request->source, what, MANIFEST_MAX_BYTES, &text, err);

	if (r < 0)
		return r;
	*ret = (struct intake_document){ what->media_type,
					 arena_strndup(load->arena, buf_str(&text), text.len),
					 text.len, what->digest };
	return 0;
}

static int read_manifest(struct load *load, const struct descriptor *what, struct manifest **ret,
			 struct err *err)
{
	int r = read_document(load, what, &load->manifest, err);

	return r < 0 ? r
		     : manifest_parse(load->manifest.json, load->manifest.len, what->media_type,
				      load->arena, ret, err);
}

static int read_documents(struct load *load, const struct transport_image *image, struct err *err)
{
	const struct descriptor *chosen = NULL;
	struct manifest *manifest = NULL;
	int r = read_manifest(load, &image->manifest, &manifest, err);

	if (r == 0 && manifest->kind == MANIFEST_INDEX) {
		r = manifest_choose(manifest, load->request->platform, &chosen, err);
		load->index = load->manifest;
		load->has_index = true;
		if (r == 0)
			r = read_manifest(load, chosen, &manifest, err);
	}
	if (r == 0)
		r = manifest_check_image(manifest, err);
	return r < 0 ? r : read_document(load, manifest->config, &load->config, err);
}

/* ------------------------------------------------------------------------------- layers */

/* What an earlier one left is of no use: copying it again costs as much as comparing it. */
static int copy_layer(struct load *load, struct intake_layer *layer, struct err *err)
{
	int r;

	if (ftruncate(layer->blob_fd, 0) < 0 || lseek(layer->blob_fd, 0, SEEK_SET) < 0)
		return err_sys(err, errno, "write '%s'", layer->what->digest.text);
	r = transport_copy_blob(load->request->source, layer->what, layer->blob_fd, err);
	if (r < 0)
		return r;
	intake_tell(&load->intake, layer, (uint64_t)layer->what->size, 0);
	intake_complete(layer);
	return 0;
}

static int copy_layers(struct load *load, struct err *err)
{
	int r = 0;

	load->progress = progress_new(load->request->progress_fd, load->intake.n, "copying",
				      "loaded");
	for (size_t i = 0; i < load->intake.n; i++)
		progress_name(load->progress, i,
			      digest_hex(&load->intake.layers[i].what->digest),
			      (uint64_t)load->intake.layers[i].what->size);
	for (size_t i = 0; r == 0 && i < load->intake.n; i++) {
		struct intake_layer *layer = &load->intake.layers[i];

		progress_set(load->progress, i,
			     layer->is_missing ? PROGRESS_MOVING : PROGRESS_NEEDLESS, 0);
		if (!layer->is_missing)
			continue;
		r = copy_layer(load, layer, err);
		progress_set(load->progress, i, PROGRESS_WORKING, (uint64_t)layer->what->size);
	}
	return r;
}

static void finish_rows(struct load *load)
{
	for (size_t i = 0; i < load->intake.n; i++)
		if (load->intake.layers[i].is_missing)
			progress_set(load->progress, i, PROGRESS_DONE,
				     (uint64_t)load->intake.layers[i].what->size);
}

/* ------------------------------------------------------------------------------- names */

/* One that is no name of ours is told of, and left out. */
static void collect_names(struct load *load, const struct transport_image *image,
			  struct oci_strings *ret)
{
	ret->v = arena_array(load->arena, char *, image->names.n + 2);
	if (load->request->name)
		ret->v[ret->n++] = arena_strdup(load->arena, load->request->name);
	for (size_t i = 0; i < image->names.n && !load->request->name; i++) {
		struct reference reference;
		struct err err = {};

		if (reference_parse(image->names.v[i], load->arena, &reference, &err) < 0) {
			log_warn("%s", err.msg);
			continue;
		}
		reference_default(&reference, load->arena);
		ret->v[ret->n++] = reference_format(&reference, load->arena);
	}
}

static int take_in(struct load *load, const char *name, struct store_image *ret, struct err *err)
{
	const struct intake_request request = {
		.store = load->request->store,
		.reference = name,
		.manifest = load->manifest,
		.config = load->config,
		.index = load->has_index ? &load->index : NULL,
	};
	int r = intake_open(&request, load->arena, &load->intake, err);

	if (r == 0)
		r = copy_layers(load, err);
	if (r == 0)
		r = intake_keep(&load->intake, ret, err);
	if (r == 0)
		finish_rows(load);
	return r;
}

int load_image(const struct load_request *request, const struct transport_image *image,
	       struct arena *arena, struct store_image *ret, struct oci_strings *ret_names,
	       struct err *err)
{
	auto_cleanup(load_done) struct load load = { .request = request, .arena = arena };
	const char *first;
	int r = read_documents(&load, image, err);

	*ret_names = (struct oci_strings){};
	if (r < 0)
		return r;
	collect_names(&load, image, ret_names);
	first = ret_names->n ? ret_names->v[0]
			     : arena_printf(arena, "@%s", load.manifest.digest.text);
	r = take_in(&load, first, ret, err);
	for (size_t i = 1; r == 0 && i < ret_names->n; i++) {
		ret->reference = ret_names->v[i];
		r = store_tag(request->store, ret, arena, err);
	}
	return r;
}
