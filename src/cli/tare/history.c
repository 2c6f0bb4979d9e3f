/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare history: how an image was made, the last step first. What a step says of itself is foreign
 * text, so nothing in it moves the cursor.
 */
#include "cli/format.h"
#include "cli/tare/age.h"
#include "cli/tare/image_text.h"
#include "cli/tare/quantity.h"
#include "cli/tare/verb.h"

#include <string.h>

struct history_args {
	const char *format;
	bool no_trunc, quiet, human;
};

static const struct opt options[] = {
	OPT_STRING(struct history_args, format, "format", 0, FORMAT_WORDS, "shape of the output"),
	OPT_FLAG(struct history_args, human, "human", 'H', "the same: sizes are for people"),
	OPT_FLAG(struct history_args, no_trunc, "no-trunc", 0, "cut nothing short"),
	OPT_FLAG(struct history_args, quiet, "quiet", 'q', "print IDs only"),
};

/* In the order of docker's JSON. */
enum { COMMENT, CREATED_AT, CREATED_BY, CREATED_SINCE, ID, SIZE, N_FIELDS };

static const struct format_field fields[N_FIELDS] = {
	[COMMENT] = { "Comment", "COMMENT", 0 },
	[CREATED_AT] = { "CreatedAt", "CREATED AT", 0 },
	[CREATED_BY] = { "CreatedBy", "CREATED BY", 0 },
	[CREATED_SINCE] = { "CreatedSince", "CREATED", 0 },
	[ID] = { "ID", "IMAGE", 0 },
	[SIZE] = { "Size", "SIZE", 0 },
};

static const unsigned char columns[] = { ID, CREATED_SINCE, CREATED_BY, SIZE, COMMENT };

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

/* A step of the history, and the layer that it made unless it is empty. */
struct step {
	const struct image_text *image;
	size_t index, layer;
};

static const char *id_text(const struct step *step, bool whole, struct arena *arena)
{
	const struct store_image *stored = step->image->image.image;

	if (step->index + 1 != step->image->config->history.n)
		return "<missing>";
	return whole ? stored->config_text
		     : arena_strndup(arena, digest_hex(&stored->config), 12);
}

static const char *cell(const void *row, size_t field, const void *context, struct arena *arena)
{
	const struct history_args *args = context;
	const struct step *step = row;
	const struct image_history *history = &step->image->config->history.v[step->index];

	switch (field) {
	case COMMENT:
		return plain(history->comment, 0, arena);
	case CREATED_AT:
		return history->created;
	case CREATED_BY:
		return plain(history->created_by, args->no_trunc ? 0 : SHORT_BY, arena);
	case CREATED_SINCE:
		return age_ago(history->created, arena);
	case ID:
		return id_text(step, args->no_trunc, arena);
	default:
		return history->empty_layer ? "0B" : layer_size(step->image, step->layer, arena);
	}
}

static const struct format_listing listing = {
	.fields = fields,
	.n_fields = N_FIELDS,
	.columns = columns,
	.n_columns = sizeof(columns),
	.cell = cell,
};

/* The last step first. */
static int add_steps(const struct image_text *image, struct format *format, struct arena *arena,
		     struct err *err)
{
	size_t n = image->config->history.n, layer = 0;
	struct step *steps = arena_array(arena, struct step, n + 1);
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		steps[i] = (struct step){ image, i, layer };
		layer += !image->config->history.v[i].empty_layer;
	}
	while (r == 0 && n-- > 0)
		r = format_row(format, &steps[n], err);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct history_args *args = call->args;
	auto_image_text struct image_text image = IMAGE_TEXT_NONE;
	auto_format struct format format = {};
	auto_buf struct buf out = {};
	int r = 0;

	if (args->quiet)
		format_open_field(&format, &listing, ID, args, call->arena);
	else
		r = format_open(&format, &listing, args->format, args, call->arena, err);
	if (r == 0)
		r = image_text_open(call, call->operands[0], &image, err);
	if (r == 0)
		r = add_steps(&image, &format, call->arena, err);
	if (r < 0)
		return r;
	format_finish(&format, &out);
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
