/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare ps: the containers there are, for people, for programs (a JSON object a line, with docker's
 * names), for shells, or as a template has them.
 */
#include "cli/tare/container_rows.h"
#include "cli/tare/verb.h"
#include "engine/filter.h"

#include <stdlib.h>
#include <string.h>

#define NAMES "names" /* our own word for --format '{{.Names}}' */

enum { SORT_COMMAND = 1, SORT_CREATED, SORT_ID, SORT_IMAGE, SORT_NAMES, SORT_STATUS };

struct ps_args {
	const char *format;
	struct opt_strings filters;
	struct opt_i64 last;
	int sort;
	bool all, latest, no_heading, no_trunc, quiet, size;
};

static const struct opt options[] = {
	OPT_FLAG(struct ps_args, all, "all", 'a', "those that have ended too"),
	OPT_STRINGS(struct ps_args, filters, "filter", 'f', "KEY=VALUE",
		    "only those: name=, label=, status=, ancestor=, ...; another key says which"),
	OPT_STRING(struct ps_args, format, "format", 0, "table|json|" NAMES "|TEMPLATE",
		   "shape of the output"),
	OPT_I64(struct ps_args, last, "last", 'n', "COUNT",
		"the newest so many, whatever they do; -1: all that run"),
	OPT_FLAG(struct ps_args, latest, "latest", 'l', "the newest alone, whatever it does"),
	OPT_FLAG(struct ps_args, no_heading, "noheading", 0, "leave out the heads of the columns"),
	OPT_FLAG(struct ps_args, no_trunc, "no-trunc", 0, "cut nothing short"),
	OPT_FLAG(struct ps_args, quiet, "quiet", 'q', "print ids only"),
	OPT_FLAG(struct ps_args, size, "size", 's',
		 "what each has changed, and that with its image"),
	OPT_CHOICE(struct ps_args, sort, "sort", 0, "command|created|id|image|names|status",
		   "order by this column; created, the newest first, by default"),
};

/* ------------------------------------------------------------------------------- which */

/* Those of the newest are asked for whatever they do, as those of a status. */
static unsigned wanted_kinds(const struct ps_args *args, const struct filter *filter)
{
	if (args->all || args->latest || (args->last.is_set && args->last.value > 0))
		return filter_kinds(filter, ~0U);
	return filter_kinds(filter, ENGINE_ACTIVE);
}

static size_t count_limit(const struct ps_args *args)
{
	if (args->latest)
		return 1;
	return args->last.is_set && args->last.value > 0 ? (size_t)args->last.value : SIZE_MAX;
}

static int find(const struct call *call, struct engine_container **list, size_t *n,
		struct err *err)
{
	const struct ps_args *args = call->args;
	auto_filter struct filter filter = FILTER_NONE;
	int r = filter_parse(call_engine(call), &args->filters, call->arena, &filter, err);

	if (r == 0)
		r = engine_list_kinds(call_engine(call), wanted_kinds(args, &filter), call->arena,
				      list, n, err);
	if (r < 0)
		return r;
	filter_apply(&filter, *list, n);
	if (*n > count_limit(args))
		*n = count_limit(args);
	return 0;
}

/* ------------------------------------------------------------------------------- order */

struct order {
	size_t field;
	struct arena *arena;
};

static int compare(const void *a, const void *b, void *data)
{
	static const struct container_rows rows = { .whole = true };
	const struct order *order = data;

	return strcmp(container_listing.cell(a, order->field, &rows, order->arena),
		      container_listing.cell(b, order->field, &rows, order->arena));
}

/* They come by their age. */
static void sort(const struct call *call, struct engine_container *list, size_t n)
{
	static const unsigned char fields[] = {
		[SORT_COMMAND] = CONTAINER_ROW_COMMAND, [SORT_ID] = CONTAINER_ROW_ID,
		[SORT_IMAGE] = CONTAINER_ROW_IMAGE,	[SORT_NAMES] = CONTAINER_ROW_NAMES,
		[SORT_STATUS] = CONTAINER_ROW_STATUS,
	};
	const struct ps_args *args = call->args;
	auto_arena struct arena arena = {};

	if (n && args->sort && args->sort != SORT_CREATED)
		qsort_r(list, n, sizeof(*list), compare,
			&(struct order){ fields[args->sort], &arena });
}

/* ------------------------------------------------------------------------------- shape */

static bool has_sizes(const struct ps_args *args)
{
	return args->size || (args->format && strstr(args->format, ".Size"));
}

static int open_format(struct format *format, const struct ps_args *args,
		       const struct container_rows *rows, struct arena *arena, struct err *err)
{
	const struct format_listing *listing =
		args->size ? &container_listing_sizes : &container_listing;

	if (!args->quiet && (!args->format || strcmp(args->format, NAMES) != 0))
		return format_open(format, listing, args->format, rows, arena, err);
	format_open_field(format, listing,
			  args->quiet ? CONTAINER_ROW_ID : CONTAINER_ROW_NAMES, rows, arena);
	return 0;
}

static int run(const struct call *call, struct err *err)
{
	const struct ps_args *args = call->args;
	const struct container_rows rows = {
		.engine = has_sizes(args) ? call_engine(call) : NULL,
		.whole = args->no_trunc,
	};
	auto_format struct format format = {};
	struct engine_container *list = NULL;
	auto_buf struct buf out = {};
	size_t n = 0;
	int r = open_format(&format, args, &rows, call->arena, err);

	if (r == 0)
		r = find(call, &list, &n, err);
	if (r == 0)
		sort(call, list, n);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = format_row(&format, &list[i], err);
	if (r < 0)
		return r;
	format.no_heads = args->no_heading;
	format_finish(&format, &out);
	return print_buf(&out, err);
}

const struct verb verb_ps = {
	.command = {
		.name = "ps",
		.summary = "List the containers that run",
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct ps_args),
	.run = run,
};
