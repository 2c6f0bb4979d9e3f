/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is made goes the way of what is fetched: once there are documents, it is an intake of which
 * nothing is missing.
 */
#include "transfer/make.h"

#include "base/cleanup.h"
#include "image/hash.h"
#include "transfer/intake.h"

#include <string.h>

struct make {
	const struct make_request *request;
	struct arena *arena;
	struct intake_document manifest, config;
	struct intake intake;
};

static void make_done(struct make *make)
{
	intake_close(&make->intake);
}

/* ------------------------------------------------------------------------------- documents */

static void keep_document(struct make *make, const struct buf *json, const char *media_type,
			  struct intake_document *ret)
{
	*ret = (struct intake_document){ media_type,
					 arena_strndup(make->arena, buf_str(json), json->len),
					 json->len, {} };
	hash_bytes(DIGEST_SHA256, ret->json, ret->len, &ret->digest);
}

static void add_layer(const struct make *make, struct image_config *config)
{
	size_t n = config->diff_ids.n;
	struct digest *wide = arena_array(make->arena, struct digest, n + 1);

	if (n)
		memcpy(wide, config->diff_ids.v, n * sizeof(*wide));
	wide[n] = make->request->layer->diff_id;
	config->diff_ids.v = wide;
	config->diff_ids.n = n + 1;
}

static void add_step(const struct make *make, struct image_config *config)
{
	const struct image_history *step = &make->request->step;
	size_t n = config->history.n;
	struct image_history *wide = arena_array(make->arena, struct image_history, n + 1);

	if (n)
		memcpy(wide, config->history.v, n * sizeof(*wide));
	wide[n] = *step;
	wide[n].empty_layer = !make->request->layer;
	config->history.v = wide;
	config->history.n = n + 1;
	config->created = step->created;
	config->author = step->author;
}

static void write_config(struct make *make)
{
	struct image_config config = *make->request->config;
	auto_buf struct buf json = {};

	if (make->request->layer)
		add_layer(make, &config);
	add_step(make, &config);
	image_config_format(&config, &json);
	keep_document(make, &json, media_name(MEDIA_OCI_CONFIG, make->request->family),
		      &make->config);
}

static struct descriptor describe_layer(const struct make *make)
{
	const struct new_layer *layer = make->request->layer;

	return (struct descriptor){ .media_type = arena_strdup(make->arena, layer->media_type),
				    .digest = layer->digest,
				    .size = (int64_t)layer->bytes };
}

static int write_manifest(struct make *make, struct err *err)
{
	const struct make_request *request = make->request;
	size_t n = request->base ? request->base->layers.n : 0;
	struct descriptor config = { .media_type = arena_strdup(make->arena, MEDIA_OCI_CONFIG),
				     .digest = make->config.digest,
				     .size = (int64_t)make->config.len };
	struct manifest manifest = { .kind = MANIFEST_IMAGE, .config = &config };
	auto_buf struct buf json = {};
	int r;

	manifest.layers.v = arena_array(make->arena, struct descriptor, n + 1);
	if (n)
		memcpy(manifest.layers.v, request->base->layers.v, n * sizeof(config));
	if (request->layer)
		manifest.layers.v[n] = describe_layer(make);
	manifest.layers.n = n + (request->layer != NULL);
	r = manifest_format(&manifest, request->family, &json, err);
	if (r == 0)
		keep_document(make, &json, media_name(MEDIA_OCI_MANIFEST, request->family),
			      &make->manifest);
	return r;
}

/* ------------------------------------------------------------------------------- layers */

/* An image that lost its last name may have left layers behind that a container runs on. */
static int check_base(const struct make_request *request, struct err *err)
{
	for (size_t i = 0; request->base && i < request->base->layers.n; i++) {
		const struct digest *digest = &request->base->layers.v[i].digest;

		if (!store_has_blob(request->store, digest))
			return err_set(err, ERR_NOT_FOUND, ENOENT,
				       "the blob '%s' of the image below is not in the store",
				       digest->text);
	}
	return 0;
}

static int take_in(struct make *make, struct store_image *ret, struct err *err)
{
	const struct make_request *request = make->request;
	const struct intake_request intake = {
		.store = request->store,
		.reference = request->reference
				     ? request->reference
				     : arena_printf(make->arena, "@%s", make->manifest.digest.text),
		.manifest = make->manifest,
		.config = make->config,
	};
	int r = intake_open(&intake, make->arena, &make->intake, err);

	return r < 0 ? r : intake_keep(&make->intake, ret, err);
}

int make_image(const struct make_request *request, struct arena *arena, struct store_image *ret,
	       struct err *err)
{
	auto_cleanup(make_done) struct make make = { .request = request, .arena = arena };
	int r = check_base(request, err);

	if (r < 0)
		return r;
	write_config(&make);
	r = write_manifest(&make, err);
	return r < 0 ? r : take_in(&make, ret, err);
}
