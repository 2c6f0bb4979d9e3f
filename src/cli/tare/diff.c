/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare diff: what a container changed in its image, a line for each path as docker prints it, or
 * podman's JSON.
 */
#include "cli/tare/verb.h"
#include "engine/peek.h"
#include "oci/json_text.h"

enum { FORMAT_TEXT = 1, FORMAT_JSON };

struct diff_args {
	int format;
};

static const struct opt options[] = {
	OPT_CHOICE(struct diff_args, format, "format", 0, "text|json", "shape of the output"),
};

static const struct {
	char letter;
	const char *key;
} kinds[] = {
	[CHANGE_MODIFIED] = { 'C', "changed" },
	[CHANGE_ADDED] = { 'A', "added" },
	[CHANGE_DELETED] = { 'D', "deleted" },
};

static void add_lines(const struct changes *changes, struct buf *out)
{
	for (size_t i = 0; i < changes->n; i++)
		buf_printf(out, "%c %s\n", kinds[changes->v[i].kind].letter, changes->v[i].path);
}

static void add_list(const struct changes *changes, enum change_kind kind, struct buf *out)
{
	const char *separator = "";

	buf_printf(out, "\"%s\":[", kinds[kind].key);
	for (size_t i = 0; i < changes->n; i++)
		if (changes->v[i].kind == kind) {
			buf_puts(out, separator);
			json_text_quote(out, changes->v[i].path);
			separator = ",";
		}
	buf_puts(out, "]");
}

static void add_json(const struct changes *changes, struct buf *out)
{
	auto_buf struct buf text = {};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		buf_puts(&text, i ? "," : "{");
		add_list(changes, (enum change_kind)i, &text);
	}
	buf_puts(&text, "}");
	json_text_indent(out, buf_str(&text));
	buf_puts(out, "\n");
}

static int run(const struct call *call, struct err *err)
{
	const struct diff_args *args = call->args;
	auto_peek struct peek peek = PEEK_NONE;
	auto_buf struct buf out = {};
	struct changes changes = {};
	int r = peek_open(call_engine(call), call->operands[0], call->arena, &peek, err);

	if (r == 0)
		r = peek_changes(&peek, &changes, err);
	if (r < 0)
		return r;
	if (args->format == FORMAT_JSON)
		add_json(&changes, &out);
	else
		add_lines(&changes, &out);
	return print_buf(&out, err);
}

const struct verb verb_diff = {
	.command = {
		.name = "diff",
		.operands = "CONTAINER",
		.summary = "Show what a container changed in its image",
		.min_operands = 1,
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct diff_args),
	.run = run,
};
