/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row for each key: how a value is checked, and whether an image has it. An image's labels are in
 * its configuration, which is read only when somebody asks for them.
 */
#include "cli/tare/image_filter.h"

#include "base/timestamp.h"
#include "cli/tare/image_text.h"
#include "image/reference.h"

#include <fnmatch.h>
#include <string.h>

/* 1, 0 or a negative errno */
typedef int match_fn(const struct image_filter *filter, const struct store_image *image,
		     const char *value, struct err *err);

/* ------------------------------------------------------------------------------- values */

static int parse_bool(const char *value, struct err *err)
{
	if (strcmp(value, "true") == 0 || strcmp(value, "1") == 0)
		return 1;
	if (strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
		return 0;
	return err_set(err, ERR_USAGE, EINVAL, "'%s' is neither true nor false", value);
}

static int match_dangling(const struct image_filter *filter, const struct store_image *image,
			  const char *value, struct err *err)
{
	int r = parse_bool(value, err);

	(void)filter;
	return r < 0 ? r : (r == 1) == !store_image_is_named(image);
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

/* KEY, or KEY=VALUE */
static int match_label(const struct image_filter *filter, const struct store_image *image,
		       const char *value, struct err *err)
{
	size_t len = strcspn(value, "=");
	const struct oci_pairs *labels = NULL;
	int r = read_labels(filter, image, &labels, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < labels->n; i++)
		if (strlen(labels->v[i].key) == len &&
		    memcmp(labels->v[i].key, value, len) == 0 &&
		    (!value[len] || strcmp(labels->v[i].value, value + len + 1) == 0))
			return 1;
	return 0;
}

static int match_no_label(const struct image_filter *filter, const struct store_image *image,
			  const char *value, struct err *err)
{
	int r = match_label(filter, image, value, err);

	return r < 0 ? r : !r;
}

static bool is_older(const struct store_image *a, const struct store_image *b)
{
	struct timespec a_made = {}, b_made = {};

	if (a->created)
		(void)timestamp_parse_any(a->created, &a_made);
	if (b->created)
		(void)timestamp_parse_any(b->created, &b_made);
	return a_made.tv_sec != b_made.tv_sec ? a_made.tv_sec < b_made.tv_sec
					      : a_made.tv_nsec < b_made.tv_nsec;
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

	return r < 0 ? r : is_older(image, other);
}

static int match_since(const struct image_filter *filter, const struct store_image *image,
		       const char *value, struct err *err)
{
	const struct store_image *other = NULL;
	int r = find_other(filter, value, &other, err);

	return r < 0 ? r : is_older(other, image);
}

/* A moment, or how long ago: "24h". */
static int match_until(const struct image_filter *filter, const struct store_image *image,
		       const char *value, struct err *err)
{
	struct store_image moment = { .created = (char *)(uintptr_t)value };
	struct timespec when;

	(void)filter;
	if (timestamp_parse_any(value, &when) < 0)
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%s' is no moment: write 2006-01-02T15:04:05Z", value);
	return is_older(image, &moment);
}

/* ------------------------------------------------------------------------------- keys */

static const struct {
	const char *name;
	match_fn *match;
} keys[IMAGE_FILTER_KEYS] = {
	{ "dangling", match_dangling }, { "reference", match_reference },
	{ "label", match_label },	{ "label!", match_no_label },
	{ "before", match_before },	{ "since", match_since },
	{ "until", match_until },
};

static int find_key(const char *word, struct err *err)
{
	for (size_t i = 0; i < IMAGE_FILTER_KEYS; i++) {
		size_t len = strlen(keys[i].name);

		if (strncmp(word, keys[i].name, len) == 0 && word[len] == '=')
			return (int)i;
	}
	return err_set(err, ERR_USAGE, EINVAL,
		       "--filter '%s': it is KEY=VALUE, and KEY one of dangling, reference, "
		       "label, label!, before, since and until", word);
}

static void add_word(struct image_filter *filter, size_t key, size_t cap, const char *value)
{
	const char ***list = &filter->words[key];
	size_t n = 0;

	if (!*list)
		*list = arena_array(filter->call->arena, const char *, cap + 1);
	while ((*list)[n])
		n++;
	(*list)[n] = value;
}

int image_filter_parse(const struct opt_strings *filters, const char *pattern,
		       const struct call *call, struct image_filter *ret, struct err *err)
{
	*ret = (struct image_filter){ .call = call };
	if (pattern)
		add_word(ret, 1, filters->n + 1, pattern);
	for (size_t i = 0; i < filters->n; i++) {
		int key = find_key(filters->v[i], err);

		if (key < 0)
			return key;
		add_word(ret, (size_t)key, filters->n + 1, strchr(filters->v[i], '=') + 1);
	}
	return 0;
}

/* ------------------------------------------------------------------------------- use */

static int match_any(const struct image_filter *filter, size_t key,
		     const struct store_image *image, struct err *err)
{
	int r = 0;

	for (const char **value = filter->words[key]; r == 0 && *value; value++) {
		r = keys[key].match(filter, image, *value, err);
		if (r < 0)
			return err_wrap(err, "--filter %s", keys[key].name);
	}
	return r;
}

static int match_all(const struct image_filter *filter, const struct store_image *image,
		     struct err *err)
{
	int r = 1;

	for (size_t key = 0; r == 1 && key < IMAGE_FILTER_KEYS; key++)
		if (filter->words[key])
			r = match_any(filter, key, image, err);
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
