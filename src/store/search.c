/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which image is meant. A name is looked for as it stands (with what docker would add), then below
 * localhost/, where podman's own builds are; an ID is looked for last, as docker does.
 */
#include "store/search.h"

#include "image/reference.h"

#include <string.h>

#define LOCAL_HOST "localhost"

/* All images, and which of them is meant. */
struct search {
	const struct store *store;
	struct arena *arena;
	struct store_image **list;
	size_t n;
	struct store_image *found;
	const char *name;
};

static bool has_reference(struct search *search, const struct reference *reference)
{
	const char *name = reference_format(reference, search->arena);

	for (size_t i = 0; i < search->n; i++)
		if (strcmp(search->list[i]->reference, name) == 0) {
			search->found = search->list[i];
			search->name = search->list[i]->reference;
			return true;
		}
	return false;
}

/* By NAME@DIGEST also what was pulled by a tag of that name is meant. */
static bool has_digest(struct search *search, const struct reference *reference)
{
	const char *repository = reference_repository(reference, search->arena);
	size_t len = strlen(repository);

	for (size_t i = 0; i < search->n; i++) {
		struct store_image *image = search->list[i];

		if (strncmp(image->reference, repository, len) != 0 ||
		    (image->reference[len] != ':' && image->reference[len] != '@'))
			continue;
		if (!digest_is_equal(&image->manifest, &reference->digest) &&
		    !digest_is_equal(&image->index, &reference->digest))
			continue;
		search->found = image;
		search->name = image->reference;
		return true;
	}
	return false;
}

/* Without the list. One that can't be read is left to whoever reads all. */
static bool has_file(struct search *search, const struct reference *reference)
{
	const char *name = reference_format(reference, search->arena);
	struct err ignored;

	if (store_find(search->store, name, search->arena, &search->found, &ignored) < 0)
		return false;
	search->name = search->found->reference;
	return true;
}

typedef bool has_fn(struct search *search, const struct reference *reference);

/* Is it a name, and is there an image of that name? */
static bool find_name(struct search *search, const char *who, has_fn *has)
{
	struct reference reference;
	struct err ignored;

	if (reference_parse(who, search->arena, &reference, &ignored) < 0)
		return false;
	if (reference.digest.text[0] && has_digest(search, &reference))
		return true;
	reference_default(&reference, search->arena);
	if (has(search, &reference))
		return true;
	if (reference_parse(arena_printf(search->arena, LOCAL_HOST "/%s", who), search->arena,
			    &reference, &ignored) < 0)
		return false;
	reference_default(&reference, search->arena);
	return has(search, &reference);
}

static int find_id(struct search *search, const char *who, struct err *err)
{
	const char *hex = strncmp(who, "sha256:", 7) == 0 ? who + 7 : who;
	size_t len = strlen(hex), n = 0;

	if (len == 0 || strspn(hex, "0123456789abcdef") != len)
		return 0;
	for (size_t i = 0; i < search->n; i++) {
		struct store_image *image = search->list[i];

		if (strncmp(digest_hex(&image->config), hex, len) != 0)
			continue;
		if (!search->found || !digest_is_equal(&search->found->config, &image->config))
			n++;
		search->found = image;
	}
	if (n > 1)
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%s' begins the IDs of %zu images: write more of it", who, n);
	return 0;
}

static void fill_names(const struct search *search, struct store_found *ret)
{
	ret->image = search->found;
	ret->name = search->name;
	ret->names = arena_array(search->arena, const char *, search->n + 1);
	ret->n_names = 0;
	for (size_t i = 0; i < search->n; i++)
		if (store_image_is_named(search->list[i]) &&
		    digest_is_equal(&search->list[i]->config, &search->found->config))
			ret->names[ret->n_names++] = search->list[i]->reference;
}

int store_search(const struct store *store, const char *who, struct arena *arena,
		 struct store_found *ret, struct err *err)
{
	struct search search = { .store = store, .arena = arena };
	int r = store_list(store, arena, &search.list, &search.n, err);

	if (r < 0)
		return r;
	if (!find_name(&search, who, has_reference))
		r = find_id(&search, who, err);
	if (r < 0)
		return r;
	if (!search.found)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no image '%.200s'", who);
	fill_names(&search, ret);
	return 0;
}

int store_search_one(const struct store *store, const char *who, struct arena *arena,
		     struct store_found *ret, struct err *err)
{
	struct search search = { .store = store, .arena = arena };

	if (!find_name(&search, who, has_file))
		return store_search(store, who, arena, ret, err);
	*ret = (struct store_found){ .image = search.found, .name = search.name };
	return 0;
}
