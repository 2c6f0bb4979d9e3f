/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci list: the containers below the state directory, for people, for programs (JSON) or for
 * shells (ids alone). One whose state can't be read is left out and warned about by the library.
 */
#include "cli/oci/verb.h"
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

enum { FORMAT_TABLE = 1, FORMAT_JSON };

struct list_args {
	int format;
	bool quiet;
};

static const struct opt options[] = {
	OPT_CHOICE(struct list_args, format, "format", 'f', "table|json", "shape of the output"),
	OPT_FLAG(struct list_args, quiet, "quiet", 'q', "print ids only"),
};

#define COLUMNS   6
#define MIN_WIDTH 9

static void fill_row(const char **cells, const struct rt_state *state, struct arena *arena)
{
	const char *row[COLUMNS] = {
		state->id,
		arena_printf(arena, "%d", (int)state->host_pid),
		rt_status_name(state->status),
		state->bundle ? state->bundle : "",
		state->created ? state->created : "",
		state->owner ? state->owner : "",
	};

	memcpy(cells, row, sizeof(row));
}

static void format_table(struct rt_state *const *states, size_t n, struct arena *arena,
			 struct buf *out)
{
	static const char *const head[COLUMNS] = { "ID",     "PID",	"STATUS",
						   "BUNDLE", "CREATED", "OWNER" };
	const char **cells = arena_array(arena, const char *, (n + 1) * COLUMNS);

	memcpy(cells, head, sizeof(head));
	for (size_t i = 0; i < n; i++)
		fill_row(cells + (i + 1) * COLUMNS, states[i], arena);
	table_format(cells, COLUMNS, n + 1, MIN_WIDTH, out);
}

static void format_json(struct rt_state *const *states, size_t n, struct buf *out)
{
	buf_puts(out, "[");
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i ? "," : "");
		rt_state_format(states[i], out);
		if (out->len && out->data[out->len - 1] == '\n')
			out->data[--out->len] = '\0';
	}
	buf_puts(out, "]\n");
}

static int list(const struct call *call, struct err *err)
{
	const struct list_args *args = call->args;
	struct rt_state **states = NULL;
	auto_buf struct buf out = {};
	size_t n = 0;
	int r;

	r = rt_list(call_rt(call), call->arena, &states, &n, err);
	if (r < 0)
		return r;
	if (args->quiet)
		for (size_t i = 0; i < n; i++)
			buf_printf(&out, "%s\n", states[i]->id);
	else if (args->format == FORMAT_JSON)
		format_json(states, n, &out);
	else
		format_table(states, n, call->arena, &out);
	return print_buf(&out, err);
}

const struct verb verb_list = {
	.command = {
		.name = "list",
		.summary = "List the containers",
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct list_args),
	.run = list,
};
