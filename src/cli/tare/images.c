/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare images: the images there are, a line for each name, for people, for programs (a JSON object
 * a line, with docker's names), for shells, or as a template has them.
 */
#include "base/timestamp.h"
#include "cli/format.h"
#include "cli/tare/age.h"
#include "cli/tare/image_filter.h"
#include "cli/tare/quantity.h"
#include "cli/tare/verb.h"
#include "engine/images.h"
#include "image/reference.h"

#include <stdlib.h>
#include <string.h>

struct images_args {
	const char *format;
	bool all, digests, no_trunc, quiet;
	struct opt_strings filters;
};

static const struct opt options[] = {
	OPT_FLAG(struct images_args, all, "all", 'a', "the same: there are no images in between"),
	OPT_FLAG(struct images_args, digests, "digests", 0, "show the digests of manifests"),
	OPT_STRINGS(struct images_args, filters, "filter", 'f', "KEY=VALUE",
		    "dangling=true, reference=PATTERN, label=KEY, before=IMAGE, since=IMAGE"),
	OPT_STRING(struct images_args, format, "format", 0, FORMAT_WORDS, "shape of the output"),
	OPT_FLAG(struct images_args, no_trunc, "no-trunc", 0, "cut nothing short"),
	OPT_FLAG(struct images_args, quiet, "quiet", 'q', "print IDs only"),
};

/* In the order of docker's JSON. */
enum {
	CONTAINERS, CREATED_AT, CREATED_SINCE, DIGEST, ID, REPOSITORY, SHARED_SIZE, SIZE, TAG,
	UNIQUE_SIZE, VIRTUAL_SIZE, N_FIELDS,
};

static const struct format_field fields[N_FIELDS] = {
	[CONTAINERS] = { "Containers", "CONTAINERS", 0 },
	[CREATED_AT] = { "CreatedAt", "CREATED AT", 0 },
	[CREATED_SINCE] = { "CreatedSince", "CREATED", 0 },
	[DIGEST] = { "Digest", "DIGEST", 0 },
	[ID] = { "ID", "IMAGE ID", 0 },
	[REPOSITORY] = { "Repository", "REPOSITORY", 0 },
	[SHARED_SIZE] = { "SharedSize", "SHARED SIZE", 0 },
	[SIZE] = { "Size", "SIZE", 0 },
	[TAG] = { "Tag", "TAG", 0 },
	[UNIQUE_SIZE] = { "UniqueSize", "UNIQUE SIZE", 0 },
	[VIRTUAL_SIZE] = { "VirtualSize", "SIZE", 0 },
};

static const unsigned char columns[] = { REPOSITORY, TAG, ID, CREATED_SINCE, SIZE };
static const unsigned char digest_columns[] = { REPOSITORY, TAG, DIGEST, ID, CREATED_SINCE, SIZE };

#define NONE "<none>"

/* ------------------------------------------------------------------------------- rows */

static const char *name_text(const struct store_image *image, size_t field, struct arena *arena)
{
	struct reference reference;
	struct err ignored;

	if (!store_image_is_named(image) ||
	    reference_parse(image->reference, arena, &reference, &ignored) < 0)
		return NONE;
	if (field == REPOSITORY)
		return reference_familiar_repository(&reference, arena);
	return reference.tag ? reference.tag : NONE;
}

static const char *size_text(uint64_t bytes, struct arena *arena)
{
	auto_buf struct buf size = {};

	quantity_size(&size, bytes);
	return arena_strdup(arena, buf_str(&size));
}

static const char *cell(const void *row, size_t field, const void *context, struct arena *arena)
{
	const struct images_args *args = context;
	const struct store_image *image = row;

	switch (field) {
	case REPOSITORY:
	case TAG:
		return name_text(image, field, arena);
	case DIGEST:
		return image->index_text ? image->index_text : image->manifest_text;
	case ID:
		return args->no_trunc ? image->config_text
				      : arena_strndup(arena, digest_hex(&image->config), 12);
	case CREATED_AT:
		return age_moment(image->created, arena);
	case CREATED_SINCE:
		return age_ago(image->created, arena);
	case SIZE:
	case VIRTUAL_SIZE:
		return size_text(image->bytes, arena);
	default:
		return "N/A";
	}
}

#define LISTING(of)                                                                  \
	{ .fields = fields, .n_fields = N_FIELDS, .columns = (of), .n_columns = sizeof(of), \
	  .cell = cell }
static const struct format_listing listing = LISTING(columns);
static const struct format_listing digest_listing = LISTING(digest_columns);

/* ------------------------------------------------------------------------------- order */

/* An image, and when it was made. */
struct dated {
	struct store_image *image;
	int64_t when_s;
};

static int64_t moment(const struct store_image *image)
{
	struct timespec when;

	return image->created && timestamp_parse_any(image->created, &when) == 0 ? when.tv_sec
										  : INT64_MIN;
}

/* The newest first; its names stay in their order. */
static int compare(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	if (x->when_s != y->when_s)
		return x->when_s < y->when_s ? 1 : -1;
	return strcmp(x->image->reference, y->image->reference);
}

static void sort(struct store_image **list, size_t n, struct arena *arena)
{
	struct dated *dated = arena_array(arena, struct dated, n + 1);

	for (size_t i = 0; i < n; i++)
		dated[i] = (struct dated){ list[i], moment(list[i]) };
	qsort(dated, n, sizeof(*dated), compare);
	for (size_t i = 0; i < n; i++)
		list[i] = dated[i].image;
}

/* Each once, however many names it has. */
static void add_ids(const struct images_args *args, struct store_image *const *list, size_t n,
		    struct arena *arena, struct buf *out)
{
	const char *last = "";

	for (size_t i = 0; i < n; i++) {
		const char *id = cell(list[i], ID, args, arena);

		if (strcmp(id, last) != 0)
			buf_printf(out, "%s\n", id);
		last = id;
	}
}

static int add_rows(const struct images_args *args, struct store_image *const *list, size_t n,
		    struct arena *arena, struct buf *out, struct err *err)
{
	auto_format struct format format = {};
	int r = format_open(&format, args->digests ? &digest_listing : &listing, args->format,
			    args, arena, err);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = format_row(&format, list[i], err);
	if (r == 0)
		format_finish(&format, out);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct images_args *args = call->args;
	auto_store struct store store = STORE_NONE;
	struct image_filter filter = {};
	auto_buf struct buf out = {};
	struct store_image **list;
	size_t n;
	int r = engine_open_store(call_engine(call), &store, err);

	if (r == 0)
		r = store_list(&store, call->arena, &list, &n, err);
	if (r == 0)
		r = image_filter_parse(&args->filters, call->operands[0], call, &filter, err);
	if (r == 0)
		r = image_filter_apply(&filter, list, &n, err);
	if (r < 0)
		return r;
	sort(list, n, call->arena);
	if (args->quiet)
		add_ids(args, list, n, call->arena, &out);
	else
		r = add_rows(args, list, n, call->arena, &out, err);
	return r < 0 ? r : print_buf(&out, err);
}

const struct verb verb_images = {
	.command = {
		.name = "images",
		.operands = "[REPOSITORY[:TAG]]",
		.summary = "List images",
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct images_args),
	.run = run,
};
