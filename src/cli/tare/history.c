/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare history: how an image was made, the last step first. What a step says of itself is foreign
 * text, so nothing in it moves the cursor.
 */
#include "cli/table.h"
#include "cli/tare/age.h"
#include "cli/tare/image_text.h"
#include "cli/tare/quantity.h"
#include "cli/tare/verb.h"
#include "oci/json_text.h"

#include <string.h>

enum { FORMAT_TABLE = 1, FORMAT_JSON };

struct history_args {
	int format;
	bool no_trunc, quiet, human;
};

static const struct opt options[] = {
	OPT_CHOICE(struct history_args, format, "format", 0, "table|json", "shape of the output"),
	OPT_FLAG(struct history_args, human, "human", 'H', "the same: sizes are for people"),
	OPT_FLAG(struct history_args, no_trunc, "no-trunc", 0, "cut nothing short"),
	OPT_FLAG(struct history_args, quiet, "quiet", 'q', "print IDs only"),
};

enum { ID, CREATED, BY, SIZE, COMMENT, COLUMNS };

static const char *const heads[COLUMNS] = { "IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT" };
static const char *const keys[COLUMNS] = { "ID", "CreatedSince", "CreatedBy", "Size", "Comment" };

#define SHORT_BY 45

static const char *plain(const char *text, size_t most, struct arena *arena)
{
	char *copy = arena_strdup(arena, text ? text : "");

	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	if (most && strlen(copy) > most)
		return arena_printf(arena, "%.*s…", (int)most - 1, copy);
	return copy;
}

/* The layers' sizes, as they were unpacked; of a layer that is gone nothing is said. */
static const char *layer_size(const struct image_text *image, size_t layer, struct arena *arena)
{
	struct store_layer *known = NULL;
	auto_buf struct buf size = {};
	struct err ignored;

	if (layer >= image->config->diff_ids.n ||
	    store_open_layer(&image->store, &image->config->diff_ids.v[layer], arena, NULL, &known,
			     &ignored) < 0)
		return "0B";
	quantity_size(&size, known->file_bytes);
	return arena_strdup(arena, buf_str(&size));
}

static void fill_row(const char **row, const struct image_text *image, size_t step, size_t layer,
		     const struct call *call)
{
	const struct history_args *args = call->args;
	const struct image_history *history = &image->config->history.v[step];
	bool is_last = step + 1 == image->config->history.n;
	const struct store_image *stored = image->image.image;

	row[ID] = "<missing>";
	if (is_last)
		row[ID] = args->no_trunc ? stored->config_text
					 : arena_strndup(call->arena, digest_hex(&stored->config),
							 12);
	row[CREATED] = age_ago(history->created, call->arena);
	row[BY] = plain(history->created_by, args->no_trunc ? 0 : SHORT_BY, call->arena);
	row[SIZE] = history->empty_layer ? "0B" : layer_size(image, layer, call->arena);
	row[COMMENT] = plain(history->comment, 0, call->arena);
}

static void add_json(struct buf *out, const char *const *row)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		buf_printf(out, "%s\"%s\":", i ? "," : "{", keys[i]);
		json_text_quote(out, row[i]);
	}
	buf_puts(out, "}\n");
}

static int run(const struct call *call, struct err *err)
{
	const struct history_args *args = call->args;
	auto_image_text struct image_text image = IMAGE_TEXT_NONE;
	auto_buf struct buf out = {};
	const char **cells;
	size_t n, layer = 0;
	int r = image_text_open(call, call->operands[0], &image, err);

	if (r < 0)
		return r;
	n = image.config->history.n;
	cells = arena_array(call->arena, const char *, (n + 1) * COLUMNS);
	memcpy(cells, heads, sizeof(heads));
	for (size_t i = 0; i < n; i++) {
		fill_row(cells + (n - i) * COLUMNS, &image, i, layer, call);
		layer += !image.config->history.v[i].empty_layer;
	}
	for (size_t i = 1; i <= n && (args->quiet || args->format == FORMAT_JSON); i++) {
		if (args->quiet)
			buf_printf(&out, "%s\n", cells[i * COLUMNS + ID]);
		else
			add_json(&out, cells + i * COLUMNS);
	}
	if (!args->quiet && args->format != FORMAT_JSON)
		table_format(cells, COLUMNS, n + 1, 0, &out);
	return print_buf(&out, err);
}

const struct verb verb_history = {
	.command = {
		.name = "history",
		.operands = "IMAGE",
		.summary = "Show how an image was made",
		.min_operands = 1,
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct history_args),
	.run = run,
};
