/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare ps: the containers there are, for people, for programs (a JSON object a line, with docker's
 * names) or for shells.
 */
#include "cli/table.h"
#include "cli/tare/age.h"
#include "cli/tare/ending.h"
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

#define SHORT_COMMAND 20

static const char *exited_text(const struct engine_container *container, struct arena *arena)
{
	const struct status *status = container->status;
	const struct ending ending = { status->exit_code, status->oom_kills };
	const char *reason = ending_reason(container->config, &ending, arena);
	const char *age = status->finished ? age_since(status->finished, arena) : NULL;

	return arena_printf(arena, "Exited (%d)%s%s%s%s%s", status->exit_code, age ? " " : "",
			    age ? age : "", age ? " ago" : "", reason ? ", " : "",
			    reason ? reason : "");
}

static const char *status_text(const struct engine_container *container, struct arena *arena)
{
	const struct status *status = container->status;

	switch (status->kind) {
	case STATUS_RUNNING:
		return arena_printf(arena, "Up %s%s", age_since(status->started, arena),
				    status->error ? " (no monitor)" : "");
	case STATUS_PAUSED:
		return arena_printf(arena, "Up %s (Paused)", age_since(status->started, arena));
	case STATUS_EXITED:
		return exited_text(container, arena);
	default:
		return "Created";
	}
}

/* All words with a blank between, in quotes; control characters would move the cursor. */
static const char *command_text(const struct config *config, bool whole, struct arena *arena)
{
	const struct oci_strings *parts[] = { &config->entrypoint, &config->command };
	auto_buf struct buf text = {};

	for (size_t p = 0; p < 2; p++)
		for (size_t i = 0; i < parts[p]->n; i++)
			buf_printf(&text, "%s%s", text.len ? " " : "", parts[p]->v[i]);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			text.data[i] = ' ';
	if (whole || text.len <= SHORT_COMMAND)
		return arena_printf(arena, "\"%s\"", buf_str(&text));
	return arena_printf(arena, "\"%.*s…\"", SHORT_COMMAND - 1, buf_str(&text));
}

static void fill_row(const char **cells, const struct engine_container *container, bool whole,
		     struct arena *arena)
{
	const struct config *config = container->config;

	cells[ID] = whole ? config->id : arena_strndup(arena, config->id, 12);
	cells[IMAGE] = config->image ? config->image : config->rootfs;
	cells[COMMAND] = command_text(config, whole, arena);
	cells[CREATED] = arena_printf(arena, "%s ago", age_since(config->created, arena));
	cells[STATUS] = status_text(container, arena);
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
