/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare ps: the containers there are, for people, for programs (a JSON object a line, with docker's
 * names) or for shells.
 */
#include "cli/table.h"
#include "cli/tare/age.h"
#include "cli/tare/container_text.h"
#include "cli/tare/verb.h"
#include "oci/json_text.h"

#include <string.h>

enum { FORMAT_TABLE = 1, FORMAT_JSON, FORMAT_NAMES };

struct ps_args {
	int format;
	bool all, quiet, no_trunc;
};

static const struct opt options[] = {
	OPT_FLAG(struct ps_args, all, "all", 'a', "those that have ended too"),
	OPT_FLAG(struct ps_args, quiet, "quiet", 'q', "print ids only"),
	OPT_FLAG(struct ps_args, no_trunc, "no-trunc", 0, "cut nothing short"),
	OPT_CHOICE(struct ps_args, format, "format", 0, "table|json|names", "shape of the output"),
};

enum { ID, IMAGE, COMMAND, CREATED, STATUS, PORTS, NAMES, COLUMNS };

static const char *const heads[COLUMNS] = { "CONTAINER ID", "IMAGE", "COMMAND", "CREATED",
					    "STATUS",	    "PORTS", "NAMES" };
static const char *const keys[COLUMNS] = { "ID", "Image", "Command", "RunningFor",
					   "Status", "Ports", "Names" };

static void fill_row(const char **cells, const struct engine_container *container, bool whole,
		     struct arena *arena)
{
	const struct config *config = container->config;

	cells[ID] = whole ? config->id : arena_strndup(arena, config->id, 12);
	cells[IMAGE] = config->image ? config->image : config->rootfs;
	cells[COMMAND] = container_command_text(config, whole, arena);
	cells[CREATED] = arena_printf(arena, "%s ago", age_since(config->created, arena));
	cells[STATUS] = container_status_text(container, arena);
	cells[PORTS] = "";
	cells[NAMES] = config->name;
}

static void format_table(const char *const *cells, size_t n_rows, struct buf *out)
{
	table_format(cells, COLUMNS, n_rows, 0, out);
}

static void format_json(const char *const *cells, const struct engine_container *container,
			struct buf *out)
{
	buf_puts(out, "{");
	for (size_t i = 0; i < COLUMNS; i++) {
		buf_printf(out, "%s\"%s\":", i ? "," : "", keys[i]);
		json_text_quote(out, cells[i]);
	}
	buf_printf(out, ",\"State\":\"%s\",\"CreatedAt\":\"%s\"}\n",
		   status_name(container->status->kind), container->config->created);
}

static bool is_wanted(const struct ps_args *args, const struct engine_container *container)
{
	return args->all || container->status->kind == STATUS_RUNNING ||
	       container->status->kind == STATUS_PAUSED;
}

static void format_list(const struct call *call, const struct engine_container *list, size_t n,
			struct buf *out)
{
	const struct ps_args *args = call->args;
	const char **cells = arena_array(call->arena, const char *, (n + 1) * COLUMNS);
	size_t n_rows = 1;

	memcpy(cells, heads, sizeof(heads));
	for (size_t i = 0; i < n; i++) {
		const char **row = cells + n_rows * COLUMNS;

		if (!is_wanted(args, &list[i]))
			continue;
		n_rows++;
		fill_row(row, &list[i], args->no_trunc, call->arena);
		if (args->quiet || args->format == FORMAT_NAMES)
			buf_printf(out, "%s\n", row[args->quiet ? ID : NAMES]);
		else if (args->format == FORMAT_JSON)
			format_json(row, &list[i], out);
	}
	if (!args->quiet && args->format != FORMAT_NAMES && args->format != FORMAT_JSON)
		format_table(cells, n_rows, out);
}

static int run(const struct call *call, struct err *err)
{
	struct engine_container *list = NULL;
	auto_buf struct buf out = {};
	size_t n = 0;
	int r = engine_list(call_engine(call), call->arena, &list, &n, err);

	if (r < 0)
		return r;
	format_list(call, list, n, &out);
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
