/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds while an image comes in: a layer's blob and its directory are each locked, in the
 * order of their digests, so that two who bring some of the same things wait for each other and
 * never in a circle. All that was made goes to the disk at once, in the end, and only then gets its
 * place in the store; the lock, shared from then on, keeps it from being collected until the image
 * has its name. Each for itself, layers and blobs would wait for the disk one after the other, and
 * for what others write meanwhile each time.
 *
 * A process that unpacks is a copy of this one, which must have a single thread then, and whatever
 * downloads may start others: so those for layers that are to come are started first, and wait. The
 * rest, with whose bytes nobody waits, are unpacked in the end, a few at once.
 */
#include "transfer/intake.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_AHEAD 32 /* processes that wait for bytes */

/* ------------------------------------------------------------------------------- documents */

static int parse_documents(struct intake *intake, struct err *err)
{
	const struct intake_request *request = &intake->request;
	int r = manifest_parse(request->manifest.json, request->manifest.len,
			       request->manifest.media_type, intake->arena, &intake->manifest,
			       err);

	if (r == 0)
		r = manifest_check_image(intake->manifest, err);
	if (r == 0)
		r = image_config_parse(request->config.json, request->config.len, intake->arena,
				       &intake->config, err);
	if (r < 0)
		return r;
	if (intake->config->diff_ids.n != intake->manifest->layers.n)
		return err_set(err, ERR_USAGE, EINVAL,
			       "the manifest names %zu layers and the configuration %zu",
			       intake->manifest->layers.n, intake->config->diff_ids.n);
	return 0;
}

/* ------------------------------------------------------------------------------- locks */

struct thing {
	enum store_kind kind;
	const struct digest *digest;
	int *lock_fd;
	bool *is_there;
};

static int compare_things(const void *a, const void *b)
{
	const struct thing *x = a, *y = b;

	return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1)
				  : strcmp(x->digest->text, y->digest->text);
}

static bool exists(const struct store *store, enum store_kind kind, const struct digest *digest)
{
	return kind == STORE_LAYER ? store_has_layer(store, digest)
				   : store_has_blob(store, digest);
}

int intake_hold(const struct store *store, enum store_kind kind, const struct digest *digest,
		int *ret_lock_fd, bool *ret_is_there, struct err *err)
{
	int r = store_lock(store, kind, digest->text, STORE_SHARED, ret_lock_fd, err);

	*ret_is_there = r == 0 && exists(store, kind, digest);
	if (r < 0 || *ret_is_there)
		return r;
	closep(ret_lock_fd);
	*ret_lock_fd = -1;
	r = store_lock(store, kind, digest->text, STORE_EXCLUSIVE, ret_lock_fd, err);
	*ret_is_there = r == 0 && exists(store, kind, digest);
	if (*ret_is_there)
		store_share_lock(*ret_lock_fd);
	return r;
}

static struct thing *list_things(struct intake *intake, size_t *ret_n)
{
	const struct intake_request *request = &intake->request;
	struct thing *things = arena_array(intake->arena, struct thing, 2 * intake->n + 3);
	const struct digest *documents[] = { &request->manifest.digest, &request->config.digest,
					     request->index ? &request->index->digest : NULL };
	size_t n = 0;

	for (size_t i = 0; i < 3; i++)
		if (documents[i])
			things[n++] = (struct thing){ STORE_BLOB, documents[i],
						      &intake->document_lock_fds[i],
						      &intake->has_document[i] };
	for (size_t i = 0; i < intake->n; i++) {
		struct intake_layer *layer = &intake->layers[i];

		things[n++] = (struct thing){ STORE_LAYER, &layer->diff_id, &layer->lock_fd,
					      &layer->is_unpacked };
		things[n++] = (struct thing){ STORE_BLOB, &layer->what->digest,
					      &layer->blob_lock_fd, &layer->is_complete };
	}
	qsort(things, n, sizeof(*things), compare_things);
	*ret_n = n;
	return things;
}

/* One layer may be there twice: the first of them does what is to be done. */
static int hold_all(struct intake *intake, struct err *err)
{
	size_t n = 0;
	struct thing *things = list_things(intake, &n);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		if (i == 0 || compare_things(&things[i - 1], &things[i]) != 0)
			r = intake_hold(intake->request.store, things[i].kind, things[i].digest,
					things[i].lock_fd, things[i].is_there, err);
	return r;
}

/* ------------------------------------------------------------------------------- opening */

static void init_layers(struct intake *intake)
{
	intake->n = intake->manifest->layers.n;
	intake->layers = arena_array(intake->arena, struct intake_layer, intake->n + 1);
	for (size_t i = 0; i < intake->n; i++) {
		struct intake_layer *layer = &intake->layers[i];

		layer->what = &intake->manifest->layers.v[i];
		layer->diff_id = intake->config->diff_ids.v[i];
		layer->is_unpacked = layer->is_complete = true;
		layer->blob_fd = layer->tell_fd = layer->lock_fd = layer->blob_lock_fd = -1;
		layer->stage = (struct store_stage)STORE_STAGE_NONE;
		layer->unpacking = (struct layer_unpacking)LAYER_UNPACKING_NONE;
	}
}

static int open_blob(const struct intake *intake, struct intake_layer *layer, struct err *err)
{
	const struct store *store = intake->request.store;

	layer->is_missing = !layer->is_complete;
	if (layer->is_missing)
		return store_open_partial(store, &layer->what->digest, &layer->blob_fd, err);
	return layer->is_unpacked ? 0
				  : store_open_blob(store, &layer->what->digest, &layer->blob_fd,
						    NULL, err);
}

/* ------------------------------------------------------------------------------- unpacking */

static int begin_unpacking(struct intake *intake, struct intake_layer *layer, struct err *err)
{
	struct layer_unpack request = { .source = { layer->blob_fd, -1 },
					.flags = geteuid() == 0 ? 0 : LAYER_ROOTLESS,
					.limits = layer_limits_default };
	auto_close int read_fd = -1;
	int fds[2], r = store_stage_layer(intake->request.store, &layer->stage, err);

	if (r < 0)
		return r;
	if (!layer->is_complete) {
		if (pipe2(fds, O_CLOEXEC) < 0)
			return err_sys(err, errno, "make a pipe");
		read_fd = request.source.progress_fd = fds[0];
		layer->tell_fd = fds[1];
	}
	request.root_fd = layer->stage.fs_fd;
	r = layer_unpack_start(&request, &layer->unpacking, err);
	if (r < 0)
		return r;
	layer->has_begun = true;
	intake->n_running++;
	return 0;
}

/* Those whose blobs are still to come wait for them, so that they are started while there is one
 * thread only. */
static int begin_ahead(struct intake *intake, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < intake->n && intake->n_running < MAX_AHEAD; i++)
		if (intake->layers[i].is_missing && !intake->layers[i].is_unpacked)
			r = begin_unpacking(intake, &intake->layers[i], err);
	return r;
}

int intake_open(const struct intake_request *request, struct arena *arena, struct intake *ret,
		struct err *err)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int r;

	*ret = (struct intake){ .request = *request, .arena = arena,
				.document_lock_fds = { -1, -1, -1 },
				.max_running = processors > 0 ? (unsigned)processors + 1 : 2 };
	r = parse_documents(ret, err);
	if (r < 0)
		return r;
	init_layers(ret);
	r = hold_all(ret, err);
	for (size_t i = 0; r == 0 && i < ret->n; i++)
		r = open_blob(ret, &ret->layers[i], err);
	return r < 0 ? r : begin_ahead(ret, err);
}

static int end_unpacking(struct intake *intake, struct intake_layer *layer,
			 struct layer_facts *ret, struct err *err)
{
	int r = layer_unpack_wait(&layer->unpacking, ret, err);

	closep(&layer->tell_fd);
	layer->tell_fd = -1;
	intake->n_running--;
	return r;
}

/* What was unpacked of a blob that began anew is worth nothing. */
static void abandon(struct intake *intake, struct intake_layer *layer)
{
	struct layer_facts ignored_facts;
	struct err ignored;

	if (!layer->has_begun)
		return;
	layer_unpack_kill(&layer->unpacking);
	(void)end_unpacking(intake, layer, &ignored_facts, &ignored);
	store_drop_stage(intake->request.store, &layer->stage);
	layer->has_begun = false;
}

static int check_diff_id(const struct intake_layer *layer, const struct layer_facts *facts,
			 struct err *err)
{
	if (digest_is_equal(&facts->diff_id, &layer->diff_id))
		return 0;
	return err_set(err, ERR_USAGE, EBADMSG,
		       "it unpacks to %s, and the configuration says %s", facts->diff_id.text,
		       layer->diff_id.text);
}

/* What is known of it. What could not be had is told of. */
static struct store_layer describe(struct layer_facts *facts)
{
	if (facts->left_out)
		log_warn("layer %.12s: %llu devices and attributes can't be had here and were "
			 "left out", digest_hex(&facts->diff_id),
			 (unsigned long long)facts->left_out);
	return (struct store_layer){
		.diff_id_text = facts->diff_id.text,
		.tar_bytes = facts->tar_bytes,
		.file_bytes = facts->file_bytes,
		.entries = facts->entries,
		.max_id = facts->max_id,
		.max_id_path = facts->max_id_path,
	};
}

int intake_keep_layer(const struct store *store, struct store_stage *stage,
		      struct layer_facts *facts, struct err *err)
{
	const struct store_layer known = describe(facts);

	return store_keep_layer(store, stage, &facts->diff_id, &known, &facts->seen, err);
}

static int describe_layer(const struct intake_layer *layer, struct layer_facts *facts,
			  struct err *err)
{
	const struct store_layer known = describe(facts);

	return store_describe_layer(&layer->stage, &known, &facts->seen, err);
}

/* Wait for it to be unpacked, and look at what came of it. */
static int finish_layer(struct intake *intake, struct intake_layer *layer, struct err *err)
{
	struct layer_facts facts = {};
	int r = end_unpacking(intake, layer, &facts, err);

	layer->has_begun = false;
	if (r == 0)
		r = check_diff_id(layer, &facts, err);
	if (r == 0)
		r = describe_layer(layer, &facts, err);
	layer->is_unpacked = r == 0;
	return r < 0 ? err_wrap(err, "layer %.19s", layer->what->digest.text) : 0;
}

void intake_tell(struct intake *intake, struct intake_layer *layer, uint64_t bytes,
		 unsigned restarts)
{
	if (restarts != layer->restarts)
		abandon(intake, layer);
	layer->restarts = restarts;
	layer->bytes = bytes;
	/* One that has failed says why when it is waited for. */
	if (layer->tell_fd >= 0)
		(void)layer_source_tell(layer->tell_fd, bytes, false);
}

void intake_complete(struct intake_layer *layer)
{
	layer->is_complete = true;
	if (layer->tell_fd >= 0)
		(void)layer_source_tell(layer->tell_fd, layer->bytes, true);
}

/* Those that have begun first, to make room for the others. */
static int finish_all(struct intake *intake, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < intake->n; i++)
		if (intake->layers[i].has_begun)
			r = finish_layer(intake, &intake->layers[i], err);
	for (size_t begun = 0, ended = 0; r == 0 && ended < intake->n; ended++) {
		for (; r == 0 && begun < intake->n && intake->n_running < intake->max_running;
		     begun++)
			if (!intake->layers[begun].is_unpacked)
				r = begin_unpacking(intake, &intake->layers[begun], err);
		if (r == 0 && intake->layers[ended].has_begun)
			r = finish_layer(intake, &intake->layers[ended], err);
	}
	return r;
}

/* ------------------------------------------------------------------------------- the store */

static bool is_staged(const struct intake_layer *layer)
{
	return layer->stage.name[0] != '\0';
}

static int sync_all(const struct intake *intake, struct err *err)
{
	for (size_t i = 0; i < intake->n; i++)
		if (is_staged(&intake->layers[i]) || intake->layers[i].is_missing)
			return store_sync(intake->layers[i].blob_fd, err);
	return 0;
}

static int place_layer(const struct intake *intake, struct intake_layer *layer, struct err *err)
{
	const struct store *store = intake->request.store;
	int r = 0;

	if (layer->is_missing) {
		r = store_place_partial(store, &layer->what->digest, err);
		if (r < 0 && r != -EEXIST)
			return r;
		store_share_lock(layer->blob_lock_fd);
	}
	if (is_staged(layer)) {
		r = store_place_layer(store, &layer->stage, &layer->diff_id, err);
		if (r < 0)
			return r;
		store_share_lock(layer->lock_fd);
	}
	return 0;
}

static int place_all(struct intake *intake, struct err *err)
{
	int r = sync_all(intake, err);

	for (size_t i = 0; r == 0 && i < intake->n; i++)
		r = place_layer(intake, &intake->layers[i], err);
	return r;
}

/* ------------------------------------------------------------------------------- the end */

static int add_document(const struct intake *intake, const struct intake_document *document,
			struct err *err)
{
	return store_add_blob(intake->request.store, &document->digest, document->json,
			      document->len, err);
}

static int add_documents(const struct intake *intake, struct err *err)
{
	const struct intake_request *request = &intake->request;
	int r = add_document(intake, &request->config, err);

	if (r == 0)
		r = add_document(intake, &request->manifest, err);
	if (r == 0 && request->index)
		r = add_document(intake, request->index, err);
	return r;
}

static void add_text(struct oci_strings *list, const struct digest *digest, size_t cap,
		     struct arena *arena)
{
	if (!list->v)
		list->v = arena_array(arena, char *, cap + 1);
	list->v[list->n++] = arena_strdup(arena, digest->text);
}

static int sum_layers(const struct intake *intake, struct store_image *image, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < intake->n; i++) {
		const struct intake_layer *layer = &intake->layers[i];
		struct store_layer *known = NULL;

		r = store_open_layer(intake->request.store, &layer->diff_id, intake->arena, NULL,
				     &known, err);
		if (r < 0)
			return r;
		image->bytes += known->file_bytes;
		if (known->max_id >= image->max_id) {
			image->max_id = known->max_id;
			image->max_id_path = known->max_id_path;
		}
		add_text(&image->blob_texts, &layer->what->digest, intake->n, intake->arena);
		add_text(&image->layer_texts, &layer->diff_id, intake->n, intake->arena);
	}
	return r;
}

static int give_name(const struct intake *intake, struct store_image *ret, struct err *err)
{
	const struct intake_request *request = &intake->request;
	struct store_image image = {
		.reference = arena_strdup(intake->arena, request->reference),
		.media_type = intake->manifest->media_type,
		.manifest = request->manifest.digest,
		.config = request->config.digest,
		.manifest_bytes = request->manifest.len,
		.created = intake->config->created,
	};
	int r = sum_layers(intake, &image, err);

	if (request->index)
		image.index = request->index->digest;
	store_image_fill(&image, intake->arena);
	if (r == 0)
		r = store_tag(request->store, &image, intake->arena, err);
	if (r == 0)
		*ret = image;
	return r;
}

int intake_keep(struct intake *intake, struct store_image *ret, struct err *err)
{
	int r = finish_all(intake, err);

	if (r == 0)
		r = place_all(intake, err);
	if (r == 0)
		r = add_documents(intake, err);
	return r < 0 ? r : give_name(intake, ret, err);
}

void intake_close(struct intake *intake)
{
	if (!intake->request.store)
		return;
	for (size_t i = 0; i < intake->n; i++) {
		struct intake_layer *layer = &intake->layers[i];

		abandon(intake, layer);
		store_drop_stage(intake->request.store, &layer->stage);
		closep(&layer->blob_fd);
		closep(&layer->lock_fd);
		closep(&layer->blob_lock_fd);
	}
	for (size_t i = 0; i < 3; i++)
		closep(&intake->document_lock_fds[i]);
	intake->n = 0;
}
