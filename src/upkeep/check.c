/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a check: first what the dead left, since who mends sweeps that away without a word;
 * then what is known by name, from references down to bytes; and in the end what lies there and is
 * known to nobody, which may have lost its name a moment ago.
 */
#include "upkeep/check.h"

#include "base/cleanup.h"
#include "store/census.h"
#include "store/index.h"
#include "upkeep/images.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BATCH 100 /* locks at a time */

void check_tell(struct check *check, enum check_state state, const char *what, const char *which,
		const char *done, const char *problem, ...)
{
	char text[512];
	const struct check_finding finding = { state, what, which, text, done };
	va_list args;

	va_start(args, problem);
	(void)vsnprintf(text, sizeof(text), problem, args);
	va_end(args);
	check->ret->n_found[state]++;
	check->request->tell(check->request->data, &finding);
}

/* ------------------------------------------------------------------------------- what was left */

static void tell_rubbish(struct check *check, const char *what, const char *which,
			 const char *problem)
{
	check_tell(check, CHECK_RUBBISH, what, which, check->request->repair ? "removed" : NULL,
		   "%s", problem);
}

static void tell_all(struct check *check, const char *what, const struct oci_strings *list,
		     const char *problem)
{
	for (size_t i = 0; i < list->n; i++)
		tell_rubbish(check, what, list->v[i], problem);
}

static void tell_foreign(struct check *check, const struct oci_strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		check_tell(check, CHECK_RUBBISH, "file", list->v[i], NULL,
			   "it has no name that the store gives");
}

static int check_downloads(struct check *check, struct err *err)
{
	const struct check_request *request = check->request;
	struct oci_strings all, foreign, idle;
	int r = census_list(request->store, CENSUS_DOWNLOADS, check->arena, &all, &foreign, err);

	if (r == 0)
		r = census_idle_downloads(request->store, &all, request->repair, check->arena,
					  &idle, err);
	if (r < 0)
		return r;
	tell_all(check, "download", &idle, "nobody goes on with it");
	tell_foreign(check, &foreign);
	return 0;
}

static int check_staging(struct check *check, struct err *err)
{
	struct oci_strings idle;
	int r = census_idle_stages(check->request->store, check->request->repair, check->arena,
				   &idle, err);

	if (r == 0)
		tell_all(check, "staging", &idle, "whoever made it left it");
	return r;
}

static int check_locks(struct check *check, struct err *err)
{
	size_t n = 0;
	int r = census_idle_locks(check->request->store, check->request->repair, &n, err);

	if (r == 0 && n)
		tell_rubbish(check, "locks", arena_printf(check->arena, "%zu", n),
			     "of what is not there");
	return r;
}

/* ------------------------------------------------------------------------------- what has names */

/* Files of references/ that can't be read: told of, and removed, when all are known. */
struct unread {
	struct check *check;
	char *files[BATCH], *problems[BATCH];
	size_t n;
};

static void note_unread(void *data, const char *file, const struct err *why)
{
	struct unread *unread = data;

	if (unread->n == BATCH)
		return;
	unread->files[unread->n] = arena_strdup(unread->check->arena, file);
	unread->problems[unread->n++] = arena_strdup(unread->check->arena, why->msg);
}

static int list_images(struct check *check, struct store_image ***ret, size_t *ret_n,
		       struct err *err)
{
	const struct check_request *request = check->request;
	struct unread unread = { .check = check };
	int r = store_list_telling(request->store, note_unread, &unread, check->arena, ret, ret_n,
				   err);

	for (size_t i = 0; r == 0 && i < unread.n; i++) {
		if (request->repair)
			r = store_untag(request->store, unread.files[i], err);
		check_tell(check, request->repair ? CHECK_MENDED : CHECK_BROKEN, "reference",
			   unread.files[i], request->repair ? "removed" : NULL, "%s",
			   unread.problems[i]);
	}
	return r;
}

static int check_images(struct check *check, struct err *err)
{
	struct store_image **list = NULL;
	size_t n = 0;
	int r = list_images(check, &list, &n, err);

	if (r == 0)
		r = parts_gather(check, list, n, err);
	for (size_t i = 0; r == 0 && i < n; i++)
		image_expect(check, list[i]);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = image_check(check, list[i], err);
	return r;
}

static bool has(const struct oci_strings *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], text) == 0)
			return true;
	return false;
}

/* Those of containers too, and those that no image could mend. */
static int check_layers(struct check *check, struct err *err)
{
	const struct store_keep *keep = check->request->used;
	struct oci_strings used = {};
	int r = keep->find(keep->data, check->arena, &used, err);

	for (size_t i = 0; r == 0 && i < check->n; i++) {
		struct part *part = &check->parts[i];
		bool is_used = part->is_layer && has(&used, part->text);

		if (is_used)
			r = parts_prove(check, part, err);
		if (r < 0 || !part->is_layer || part_is_whole(part) || part->state == PART_UNSEEN)
			continue;
		if (part->state == PART_BROKEN || is_used)
			check_tell(check, CHECK_BROKEN, "layer", part->text,
				   is_used ? "containers were made from it" : NULL, "%s",
				   part->problem);
	}
	return r;
}

/* Who was killed between a change and the index left it as it was before: others read it, we never
 * do. */
static int check_index(struct check *check, struct err *err)
{
	const struct check_request *request = check->request;
	auto_close int lock_fd = -1;
	struct err why = {};
	int r = index_lock(request->store, &lock_fd, err);

	if (r < 0 || index_prove(request->store, check->arena, &why) == 0)
		return r;
	if (request->repair)
		r = index_write(request->store, check->arena, err);
	if (r == 0)
		check_tell(check, CHECK_RUBBISH, "index", "index.json",
			   request->repair ? "written again" : NULL, "%s", why.msg);
	return r;
}

/* ------------------------------------------------------------------------------- what has none */

static struct oci_strings list_unknown(struct check *check, const struct oci_strings *all,
				       bool is_layer)
{
	struct oci_strings unknown = { arena_array(check->arena, char *, all->n + 1), 0 };

	for (size_t i = 0; i < all->n; i++)
		if (!parts_find(check, all->v[i], is_layer))
			unknown.v[unknown.n++] = all->v[i];
	return unknown;
}

/* Up to BATCH of what is left of a list. */
static struct oci_strings take(struct oci_strings *list)
{
	struct oci_strings some = { list->v, list->n < BATCH ? list->n : BATCH };

	list->v += some.n;
	list->n -= some.n;
	return some;
}

static int check_unknown(struct check *check, struct oci_strings *blobs,
			 struct oci_strings *layers, struct err *err)
{
	const struct check_request *request = check->request;
	int r = 0;

	while (r == 0 && (blobs->n || layers->n)) {
		const struct store_image made_of = { .blob_texts = take(blobs),
						     .layer_texts = take(layers) };
		struct store_collected unused;

		r = request->repair ? store_collect(request->store, &made_of, request->used,
						    check->arena, &unused, err)
				    : store_find_unused(request->store, &made_of, request->used,
							check->arena, &unused, err);
		if (r < 0)
			break;
		tell_all(check, "blob", &unused.blobs, "no image has it");
		tell_all(check, "layer", &unused.layers, "no image and no container has it");
	}
	return r;
}

/* An image whose reference was removed leaves its parts as well. */
static int forget_parts(struct check *check, struct err *err)
{
	struct store_image **list = NULL;
	size_t n = 0;
	int r = store_list_telling(check->request->store, note_unread,
				   &(struct unread){ .check = check }, check->arena, &list, &n,
				   err);

	check->n = 0;
	return r < 0 ? r : parts_gather(check, list, n, err);
}

static int check_shelves(struct check *check, struct err *err)
{
	const struct store *store = check->request->store;
	struct oci_strings blobs, layers, foreign;
	int r = forget_parts(check, err);

	if (r == 0)
		r = census_list(store, CENSUS_BLOBS, check->arena, &blobs, &foreign, err);
	if (r < 0)
		return r;
	tell_foreign(check, &foreign);
	r = census_list(store, CENSUS_LAYERS, check->arena, &layers, &foreign, err);
	if (r < 0)
		return r;
	tell_foreign(check, &foreign);
	blobs = list_unknown(check, &blobs, false);
	layers = list_unknown(check, &layers, true);
	return check_unknown(check, &blobs, &layers, err);
}

/* ------------------------------------------------------------------------------- all of it */

int check_store(const struct check_request *request, struct arena *arena,
		struct check_result *ret, struct err *err)
{
	static int (*const steps[])(struct check *, struct err *) = {
		check_downloads, check_staging, check_images, check_layers,
		check_shelves,   check_locks,   check_index,
	};
	struct check check = { .request = request, .ret = ret, .arena = arena };
	int r = 0;

	*ret = (struct check_result){};
	for (size_t i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		r = steps[i](&check, err);
	return r;
}
