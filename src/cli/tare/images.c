/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare images: the images there are, a line for each name, for people, for programs (a JSON object
 * a line, with docker's names) or for shells.
 */
#include "base/timestamp.h"
#include "cli/table.h"
#include "cli/tare/age.h"
#include "cli/tare/image_filter.h"
#include "cli/tare/quantity.h"
#include "cli/tare/verb.h"
#include "engine/images.h"
#include "image/reference.h"
#include "oci/json_text.h"

#include <stdlib.h>
#include <string.h>

enum { FORMAT_TABLE = 1, FORMAT_JSON };

struct images_args {
	int format;
	bool all, digests, no_trunc, quiet;
	struct opt_strings filters;
};

static const struct opt options[] = {
	OPT_FLAG(struct images_args, all, "all", 'a', "the same: there are no images in between"),
	OPT_FLAG(struct images_args, digests, "digests", 0, "show the digests of manifests"),
	OPT_STRINGS(struct images_args, filters, "filter", 'f', "KEY=VALUE",
		    "dangling=true, reference=PATTERN, label=KEY, before=IMAGE, since=IMAGE"),
	OPT_CHOICE(struct images_args, format, "format", 0, "table|json", "shape of the output"),
	OPT_FLAG(struct images_args, no_trunc, "no-trunc", 0, "cut nothing short"),
	OPT_FLAG(struct images_args, quiet, "quiet", 'q', "print IDs only"),
};

enum { REPOSITORY, TAG, DIGEST, ID, CREATED, SIZE, COLUMNS };

static const char *const heads[COLUMNS] = { "REPOSITORY", "TAG",     "DIGEST",
					    "IMAGE ID",	  "CREATED", "SIZE" };
static const char *const keys[COLUMNS] = { "Repository", "Tag",		 "Digest",
					   "ID",	 "CreatedSince", "Size" };

#define NONE "<none>"

struct listing {
	const struct call *call;
	struct store_image **list;
	size_t n;
	struct buf out;
};

static void listing_done(struct listing *listing)
{
	buf_done(&listing->out);
}

/* ------------------------------------------------------------------------------- rows */

static void fill_name(const char **cells, const struct store_image *image, struct arena *arena)
{
	struct reference reference;
	struct err ignored;

	cells[REPOSITORY] = cells[TAG] = NONE;
	if (!store_image_is_named(image) ||
	    reference_parse(image->reference, arena, &reference, &ignored) < 0)
		return;
	cells[REPOSITORY] = reference_familiar_repository(&reference, arena);
	if (reference.tag)
		cells[TAG] = reference.tag;
}

static void fill_row(const char **cells, const struct store_image *image, bool whole,
		     struct arena *arena)
{
	auto_buf struct buf size = {};

	fill_name(cells, image, arena);
	quantity_size(&size, image->bytes);
	cells[DIGEST] = image->index_text ? image->index_text : image->manifest_text;
	cells[ID] = whole ? image->config_text
			  : arena_strndup(arena, digest_hex(&image->config), 12);
	cells[CREATED] = age_ago(image->created, arena);
	cells[SIZE] = arena_strdup(arena, buf_str(&size));
}

static void add_json(struct buf *out, const char *const *cells, const struct store_image *image)
{
	buf_puts(out, "{\"Containers\":\"N/A\"");
	for (size_t i = 0; i < COLUMNS; i++) {
		buf_printf(out, ",\"%s\":", keys[i]);
		json_text_quote(out, cells[i]);
	}
	buf_puts(out, ",\"CreatedAt\":");
	json_text_quote(out, image->created ? image->created : "");
	buf_puts(out, ",\"SharedSize\":\"N/A\",\"UniqueSize\":\"N/A\"}\n");
}

/* The rows without the digests, unless they were asked for. */
static void add_table(struct listing *listing, const char *const *cells, size_t n_rows)
{
	const struct images_args *args = listing->call->args;
	size_t columns = args->digests ? COLUMNS : COLUMNS - 1, n = 0;
	const char **shown = arena_array(listing->call->arena, const char *, n_rows * COLUMNS);

	for (size_t i = 0; i < n_rows * COLUMNS; i++)
		if (args->digests || i % COLUMNS != DIGEST)
			shown[n++] = cells[i];
	table_format(shown, columns, n_rows, 0, &listing->out);
}

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

static void sort(struct listing *listing)
{
	struct dated *dated = arena_array(listing->call->arena, struct dated, listing->n + 1);

	for (size_t i = 0; i < listing->n; i++)
		dated[i] = (struct dated){ listing->list[i], moment(listing->list[i]) };
	qsort(dated, listing->n, sizeof(*dated), compare);
	for (size_t i = 0; i < listing->n; i++)
		listing->list[i] = dated[i].image;
}

static void format(struct listing *listing)
{
	const struct images_args *args = listing->call->args;
	const char **cells =
		arena_array(listing->call->arena, const char *, (listing->n + 1) * COLUMNS);

	memcpy(cells, heads, sizeof(heads));
	for (size_t i = 0; i < listing->n; i++) {
		const struct store_image *image = listing->list[i];
		const char **row = cells + (i + 1) * COLUMNS;

		fill_row(row, image, args->no_trunc, listing->call->arena);
		if (args->quiet && (i == 0 || strcmp(row[ID], row[ID - COLUMNS]) != 0))
			buf_printf(&listing->out, "%s\n", row[ID]);
		else if (!args->quiet && args->format == FORMAT_JSON)
			add_json(&listing->out, row, image);
	}
	if (!args->quiet && args->format != FORMAT_JSON)
		add_table(listing, cells, listing->n + 1);
}

static int run(const struct call *call, struct err *err)
{
	const struct images_args *args = call->args;
	auto_cleanup(listing_done) struct listing listing = { .call = call };
	auto_store struct store store = STORE_NONE;
	struct image_filter filter = {};
	int r = engine_open_store(call_engine(call), &store, err);

	if (r == 0)
		r = store_list(&store, call->arena, &listing.list, &listing.n, err);
	if (r == 0)
		r = image_filter_parse(&args->filters, call->operands[0], call, &filter, err);
	if (r == 0)
		r = image_filter_apply(&filter, listing.list, &listing.n, err);
	if (r < 0)
		return r;
	sort(&listing);
	format(&listing);
	return print_buf(&listing.out, err);
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
