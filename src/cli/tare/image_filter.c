/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row for each key: how a value is checked, and whether an image has it. An image's labels are in
 * its configuration, which is read only when somebody asks for them.
 */
#include "cli/tare/image_filter.h"

#include "base/moment.h"
#include "base/timestamp.h"
#include "cli/tare/image_text.h"
#include "engine/filter_words.h"
#include "image/reference.h"

#include <fnmatch.h>
#include <string.h>

/* 1, 0 or a negative errno */
typedef int match_fn(const struct image_filter *filter, const struct store_image *image,
		     const char *value, struct err *err);

/* ------------------------------------------------------------------------------- values */

static int match_dangling(const struct image_filter *filter, const struct store_image *image,
			  const char *value, struct err *err)
{
	bool is_dangling;
	int r = filter_words_bool(value, &is_dangling, err);

	(void)filter;
	return r < 0 ? r : is_dangling == !store_image_is_named(image);
}

/* As docker: the whole name, or the repository, each as people write it. */
static int match_reference(const struct image_filter *filter, const struct store_image *image,
			   const char *value, struct err *err)
{
	struct arena *arena = filter->call->arena;
	struct reference reference;
	struct err ignored;

	(void)err;
	if (reference_parse(image->reference, arena, &reference, &ignored) < 0)
		return 0;
	return fnmatch(value, reference_familiar(&reference, arena), FNM_PATHNAME) == 0 ||
	       fnmatch(value, reference_familiar_repository(&reference, arena), FNM_PATHNAME) ==
		       0 ||
	       fnmatch(value, image->reference, FNM_PATHNAME) == 0 ||
	       fnmatch(value, reference_repository(&reference, arena), FNM_PATHNAME) == 0;
}

static int read_labels(const struct image_filter *filter, const struct store_image *image,
		       const struct oci_pairs **ret, struct err *err)
{
	auto_image_text struct image_text text = IMAGE_TEXT_NONE;
	int r = image_text_open(filter->call, image->config_text, &text, err);

	if (r == 0)
		*ret = &text.config->process->labels;
	return r;
}

static int match_label(const struct image_filter *filter, const struct store_image *image,
		       const char *value, struct err *err)
{
	const struct oci_pairs *labels = NULL;
	int r = read_labels(filter, image, &labels, err);

	return r < 0 ? r : filter_words_is_label(value, labels);
}

static int match_no_label(const struct image_filter *filter, const struct store_image *image,
			  const char *value, struct err *err)
{
	int r = match_label(filter, image, value, err);

	return r < 0 ? r : !r;
}

static struct timespec time_of(const struct store_image *image)
{
	struct timespec made = {};

	if (image->created)
		(void)timestamp_parse_any(image->created, &made);
	return made;
}

/* < 0: `image` was made before `moment` */
static int compare_age(const struct store_image *image, struct timespec moment)
{
	struct timespec made = time_of(image);

	return moment_compare(&made, &moment);
}

static int find_other(const struct image_filter *filter, const char *who,
		      const struct store_image **ret, struct err *err)
{
	struct store_found other;
	int r = engine_image_find(call_engine(filter->call), who, filter->call->arena, &other, err);

	if (r == 0)
		*ret = other.image;
	return r;
}

static int match_before(const struct image_filter *filter, const struct store_image *image,
			const char *value, struct err *err)
{
	const struct store_image *other = NULL;
	int r = find_other(filter, value, &other, err);

	return r < 0 ? r : compare_age(image, time_of(other)) < 0;
}

static int match_since(const struct image_filter *filter, const struct store_image *image,
		       const char *value, struct err *err)
{
	const struct store_image *other = NULL;
	int r = find_other(filter, value, &other, err);

	return r < 0 ? r : compare_age(image, time_of(other)) > 0;
}

static int match_until(const struct image_filter *filter, const struct store_image *image,
		       const char *value, struct err *err)
{
	struct timespec moment;
	int r = filter_words_moment(value, &moment, err);

	(void)filter;
	return r < 0 ? r : compare_age(image, moment) < 0;
}

/* ------------------------------------------------------------------------------- keys */

enum { DANGLING, REFERENCE, LABEL, NO_LABEL, BEFORE, SINCE, UNTIL };

static const char *const key_names[IMAGE_FILTER_KEYS] = {
	[DANGLING] = "dangling", [REFERENCE] = "reference", [LABEL] = "label",
	[NO_LABEL] = "label!",	 [BEFORE] = "before",	    [SINCE] = "since",
	[UNTIL] = "until",
};

static const struct {
	match_fn *match;
	bool needs_all; /* of its values */
} keys[IMAGE_FILTER_KEYS] = {
	[DANGLING] = { match_dangling }, [REFERENCE] = { match_reference },
	[LABEL] = { match_label, true }, [NO_LABEL] = { match_no_label },
	[BEFORE] = { match_before },	 [SINCE] = { match_since },
	[UNTIL] = { match_until },
};

int image_filter_parse(const struct opt_strings *filters, const char *pattern,
		       const struct call *call, struct image_filter *ret, struct err *err)
{
	struct opt_strings words = *filters;

	*ret = (struct image_filter){ .call = call };
	if (pattern) {
		words.v = arena_array(call->arena, const char *, filters->n + 1);
		words.v[0] = arena_printf(call->arena, "reference=%s", pattern);
		for (size_t i = 0; i < filters->n; i++)
			words.v[i + 1] = filters->v[i];
		words.n++;
	}
	return filter_words_sort(&words, key_names, IMAGE_FILTER_KEYS, call->arena, ret->words,
				 err);
}

/* ------------------------------------------------------------------------------- use */

static int match_key(const struct image_filter *filter, size_t key,
		     const struct store_image *image, struct err *err)
{
	const int goes_on = keys[key].needs_all;
	int r = goes_on;

	for (const char **value = filter->words[key]; r == goes_on && *value; value++) {
		r = keys[key].match(filter, image, *value, err);
		if (r < 0)
			return filter_words_refuse(key_names[key], *value, err);
	}
	return r;
}

static int match_all(const struct image_filter *filter, const struct store_image *image,
		     struct err *err)
{
	int r = 1;

	for (size_t key = 0; r == 1 && key < IMAGE_FILTER_KEYS; key++)
		if (filter->words[key])
			r = match_key(filter, key, image, err);
	return r;
}

int image_filter_apply(const struct image_filter *filter, struct store_image **list, size_t *n,
		       struct err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		int r = match_all(filter, list[i], err);

		if (r < 0)
			return r;
		if (r == 1)
			list[kept++] = list[i];
	}
	*n = kept;
	return 0;
}
