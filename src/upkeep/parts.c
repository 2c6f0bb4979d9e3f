/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blobs and layers one by one. What has its final name was whole when it got it, so it is read
 * without a lock; only one that looks broken is locked, and looked at again: somebody may have been
 * removing it.
 */
#include "upkeep/parts.h"

#include "base/cleanup.h"
#include "image/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------- gathering */

static void add(struct check *check, const char *text, bool is_layer, int64_t bytes)
{
	struct err ignored;
	struct part part = { .text = text, .is_layer = is_layer, .bytes = bytes };

	/* The texts of references are digests, or they would not have been read. */
	if (text && digest_parse(text, &part.digest, &ignored) == 0)
		check->parts[check->n++] = part;
}

static void add_image(struct check *check, const struct store_image *image)
{
	add(check, image->manifest_text, false, (int64_t)image->manifest_bytes);
	add(check, image->config_text, false, -1);
	add(check, image->index_text, false, -1);
	for (size_t i = 0; i < image->blob_texts.n; i++)
		add(check, image->blob_texts.v[i], false, -1);
	for (size_t i = 0; i < image->layer_texts.n; i++)
		add(check, image->layer_texts.v[i], true, -1);
}

static int compare_names(const struct part *a, const struct part *b)
{
	return a->is_layer != b->is_layer ? a->is_layer - b->is_layer : strcmp(a->text, b->text);
}

/* Of several the one first whose size is known. */
static int compare(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	int r = compare_names(x, y);

	return r ? r : (y->bytes > x->bytes) - (y->bytes < x->bytes);
}

static void sort(struct check *check)
{
	size_t kept = 0;

	if (check->n)
		qsort(check->parts, check->n, sizeof(*check->parts), compare);
	for (size_t i = 0; i < check->n; i++)
		if (!kept || compare_names(&check->parts[i], &check->parts[kept - 1]) != 0)
			check->parts[kept++] = check->parts[i];
	check->n = kept;
}

static int find_layers(struct check *check, const struct store_keep *keep,
		       struct oci_strings *ret, struct err *err)
{
	*ret = (struct oci_strings){};
	return keep->find(keep->data, check->arena, ret, err);
}

int parts_gather(struct check *check, struct store_image *const *list, size_t n, struct err *err)
{
	struct oci_strings used, running;
	size_t total = 0;
	int r = find_layers(check, check->request->used, &used, err);

	if (r == 0)
		r = find_layers(check, check->request->running, &running, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		total += list[i]->blob_texts.n + list[i]->layer_texts.n + 3;
	check->parts = arena_array(check->arena, struct part, total + used.n + 1);
	for (size_t i = 0; i < n; i++)
		add_image(check, list[i]);
	for (size_t i = 0; i < used.n; i++)
		add(check, used.v[i], true, -1);
	sort(check);
	for (size_t i = 0; i < running.n; i++) {
		struct part *part = parts_find(check, running.v[i], true);

		if (part)
			part->is_running = true;
	}
	return 0;
}

struct part *parts_find(const struct check *check, const char *text, bool is_layer)
{
	const struct part wanted = { .text = text, .is_layer = is_layer };
	size_t low = 0, high = check->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int r = compare_names(&check->parts[middle], &wanted);

		if (r == 0)
			return &check->parts[middle];
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ------------------------------------------------------------------------------- proving */

static int prove_bytes(const struct check *check, const struct part *part, int fd, uint64_t bytes,
		       struct err *err)
{
	struct digest digest;
	int r;

	if (part->bytes >= 0 && bytes != (uint64_t)part->bytes)
		return err_set(err, ERR_USAGE, EBADMSG, "it has %" PRIu64 " bytes, not %" PRId64,
			       bytes, part->bytes);
	if (check->request->quick)
		return 0;
	r = hash_file(digest_algorithm(&part->digest), fd, &digest, &bytes, err);
	if (r == 0 && !digest_is_equal(&digest, &part->digest))
		r = err_set(err, ERR_USAGE, EBADMSG, "what is in it has the digest %s",
			    digest.text);
	return r;
}

static int prove_blob(struct check *check, const struct part *part, struct err *err)
{
	auto_close int fd = -1;
	uint64_t bytes = 0;
	int r = store_open_blob(check->request->store, &part->digest, &fd, &bytes, err);

	if (r < 0)
		return r;
	r = prove_bytes(check, part, fd, bytes, err);
	if (r == 0) {
		check->ret->n_blobs++;
		check->ret->blob_bytes += bytes;
	}
	return r;
}

static int prove_layer(struct check *check, const struct part *part, struct err *err)
{
	const struct store *store = check->request->store;
	struct store_layer *layer = NULL;
	auto_close int fd = -1;
	int r = check->request->quick ? store_open_layer(store, &part->digest, check->arena, &fd,
							 &layer, err)
				      : store_prove_layer(store, &part->digest, err);

	if (r == 0)
		check->ret->n_layers++;
	return r;
}

static int prove(struct check *check, const struct part *part, struct err *err)
{
	return part->is_layer ? prove_layer(check, part, err) : prove_blob(check, part, err);
}

static int take_away(struct check *check, struct part *part, struct err *err)
{
	const struct store *store = check->request->store;
	auto_close int lock_fd = -1;
	int r = store_lock(store, STORE_BLOB, part->text, STORE_TRY, &lock_fd, err);

	if (r == 0)
		r = store_drop_blob(store, &part->digest, err);
	if (r == 0)
		store_drop_lock(store, STORE_BLOB, part->text);
	if (r < 0 && r != -EWOULDBLOCK)
		return r;
	check_tell(check, r < 0 ? CHECK_BROKEN : CHECK_MENDED, "blob", part->text,
		   r < 0 ? "somebody uses it" : "removed", "%s", part->problem);
	return 0;
}

static int judge(struct check *check, struct part *part, const struct err *why, struct err *err)
{
	part->state = why->kind == ERR_NOT_FOUND ? PART_MISSING : PART_BROKEN;
	part->problem = part->state == PART_MISSING ? "it is not there"
						    : arena_strdup(check->arena, why->msg);
	if (part->state == PART_MISSING || part->is_layer)
		return 0;
	if (check->request->repair)
		return take_away(check, part, err);
	check_tell(check, CHECK_BROKEN, "blob", part->text, NULL, "%s", part->problem);
	return 0;
}

int parts_prove(struct check *check, struct part *part, struct err *err)
{
	enum store_kind kind = part->is_layer ? STORE_LAYER : STORE_BLOB;
	auto_close int lock_fd = -1;
	struct err why = {};
	int r;

	if (part->state != PART_UNSEEN)
		return 0;
	part->state = PART_WHOLE;
	if (prove(check, part, &why) == 0)
		return 0;
	r = store_lock(check->request->store, kind, part->text, STORE_TRY_SHARED, &lock_fd, err);
	if (r == -EWOULDBLOCK) /* it is being made, or removed */
		return 0;
	why = (struct err){};
	if (r < 0 || prove(check, part, &why) == 0)
		return r;
	closep(&lock_fd);
	lock_fd = -1;
	return judge(check, part, &why, err);
}

bool part_is_whole(const struct part *part)
{
	return part->state == PART_WHOLE || part->state == PART_MENDED;
}
