/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare ps: the containers there are, for people, for programs (a JSON object a line, with docker's
 * names), for shells, or as a template has them.
 */
#include "cli/tare/container_rows.h"
#include "cli/tare/verb.h"

#include <string.h>

#define NAMES "names" /* our own word for --format '{{.Names}}' */

struct ps_args {
	const char *format;
	bool all, quiet, no_trunc;
};

static const struct opt options[] = {
	OPT_FLAG(struct ps_args, all, "all", 'a', "those that have ended too"),
	OPT_FLAG(struct ps_args, quiet, "quiet", 'q', "print ids only"),
	OPT_FLAG(struct ps_args, no_trunc, "no-trunc", 0, "cut nothing short"),
	OPT_STRING(struct ps_args, format, "format", 0, "table|json|" NAMES "|TEMPLATE",
		   "shape of the output"),
};

static bool is_wanted(const struct ps_args *args, const struct engine_container *container)
{
	return args->all || container->status->kind == STATUS_RUNNING ||
	       container->status->kind == STATUS_PAUSED;
}

static int open_format(struct format *format, const struct ps_args *args,
		       const struct container_rows *rows, struct arena *arena, struct err *err)
{
	if (!args->quiet && (!args->format || strcmp(args->format, NAMES) != 0))
		return format_open(format, &container_listing, args->format, rows, arena, err);
	format_open_field(format, &container_listing,
			  args->quiet ? CONTAINER_ROW_ID : CONTAINER_ROW_NAMES, rows, arena);
	return 0;
}

static int format_list(const struct ps_args *args, const struct engine_container *list, size_t n,
		       struct format *format, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		if (is_wanted(args, &list[i]))
			r = format_row(format, &list[i], err);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct ps_args *args = call->args;
	const struct container_rows rows = { .whole = args->no_trunc };
	auto_format struct format format = {};
	struct engine_container *list = NULL;
	auto_buf struct buf out = {};
	size_t n = 0;
	int r = open_format(&format, args, &rows, call->arena, err);

	if (r == 0)
		r = engine_list(call_engine(call), call->arena, &list, &n, err);
	if (r == 0)
		r = format_list(args, list, n, &format, err);
	if (r < 0)
		return r;
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
