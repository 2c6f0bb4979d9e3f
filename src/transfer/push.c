/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a push: layers and configuration, several at once; then the manifest, so that it
 * never names what is not there. A blob that another repository of that host has, as far as we know
 * from names here, is mounted from there without being sent.
 */
#include "transfer/push.h"

#include "base/cleanup.h"
#include "store/documents.h"
#include "transfer/progress.h"

#include <string.h>

struct push {
	const struct push_request *request;
	struct arena *arena;
	struct buf json;
	struct manifest *manifest;
	struct registry_push *blobs; /* the layers, then the configuration */
	size_t n;
	struct progress *progress;
};

static void push_done(struct push *push)
{
	for (size_t i = 0; i < push->n; i++)
		closep(&push->blobs[i].fd);
	progress_free(push->progress);
	buf_done(&push->json);
}

/* ------------------------------------------------------------------------------- what goes */

static bool has_blob(const struct store_image *image, const char *digest)
{
	for (size_t i = 0; i < image->blob_texts.n; i++)
		if (strcmp(image->blob_texts.v[i], digest) == 0)
			return true;
	return false;
}

/* Another repository of that host that has it, or NULL. */
static const char *find_mount(const struct push *push, const char *digest,
			      struct store_image *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct reference other;
		struct err ignored;

		if (has_blob(list[i], digest) &&
		    reference_parse(list[i]->reference, push->arena, &other, &ignored) == 0 &&
		    strcmp(other.host, push->request->to->host) == 0 &&
		    strcmp(other.path, push->request->to->path) != 0)
			return other.path;
	}
	return NULL;
}

static bool on_progress(const struct registry_push *blob)
{
	struct push *push = blob->data;
	size_t row = (size_t)(blob - push->blobs);
	bool is_whole = blob->bytes >= (uint64_t)blob->what->size;

	progress_set(push->progress, row, is_whole ? PROGRESS_DONE : PROGRESS_MOVING, blob->bytes);
	return true;
}

static int add_blob(struct push *push, const struct descriptor *what,
		    struct store_image *const *list, size_t n, struct err *err)
{
	struct registry_push *blob = &push->blobs[push->n];

	*blob = (struct registry_push){
		.what = what,
		.fd = -1,
		.mount_from = find_mount(push, what->digest.text, list, n),
		.progress = on_progress,
		.data = push,
	};
	push->n++;
	progress_name(push->progress, push->n - 1, digest_hex(&what->digest),
		      (uint64_t)what->size);
	return store_open_blob(push->request->store, &what->digest, &blob->fd, NULL, err);
}

static int add_blobs(struct push *push, struct err *err)
{
	const struct manifest *manifest = push->manifest;
	struct store_image **list = NULL;
	size_t n = 0;
	int r = store_list(push->request->store, push->arena, &list, &n, err);

	push->blobs = arena_array(push->arena, struct registry_push, manifest->layers.n + 1);
	push->progress = progress_new(push->request->progress_fd, manifest->layers.n + 1,
				      "pushing", "pushed");
	for (size_t i = 0; r == 0 && i < manifest->layers.n; i++)
		r = add_blob(push, &manifest->layers.v[i], list, n, err);
	return r < 0 ? r : add_blob(push, manifest->config, list, n, err);
}

static int read_manifest(struct push *push, struct err *err)
{
	return store_read_manifest(push->request->store, push->request->image, push->arena,
				   &push->json, &push->manifest, err);
}

/* ------------------------------------------------------------------------------- all of it */

static void tell_needless(struct push *push)
{
	for (size_t i = 0; i < push->n; i++)
		progress_set(push->progress, i,
			     push->blobs[i].outcome == REGISTRY_UPLOADED ? PROGRESS_DONE
									 : PROGRESS_NEEDLESS,
			     push->blobs[i].bytes);
}

int push_image(const struct push_request *request, struct arena *arena, struct err *err)
{
	auto_cleanup(push_done) struct push push = { .request = request, .arena = arena };
	int r = read_manifest(&push, err);

	if (r == 0)
		r = add_blobs(&push, err);
	if (r == 0)
		r = registry_push_blobs(request->registry, request->to, push.blobs, push.n, err);
	if (r < 0)
		return r;
	tell_needless(&push);
	return registry_push_manifest(request->registry, request->to, request->image->media_type,
				      push.json.data, push.json.len, err);
}
