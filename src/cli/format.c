/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows in the shape that was asked for. A table that names no columns needs no template: its cells
 * go straight into it. Otherwise a row is a record whose members are made on demand, and what the
 * template makes of it is a line; where that shall be a table, tabs part its cells.
 */
#include "cli/format.h"

#include "cli/table.h"
#include "oci/json_text.h"

#include <string.h>

#define TABLE "table"

void format_done(struct format *format)
{
	buf_done(&format->text);
}

/* ------------------------------------------------------------------------------- records */

struct row_source {
	struct value_source source;
	const struct format *format;
	const void *row; /* NULL: the heads */
};

static const struct row_source *row_source(const struct value_source *source)
{
	return (const struct row_source *)source; /* its first member */
}

static const char *field_name(const struct value_source *source, size_t i)
{
	return row_source(source)->format->listing->fields[i].name;
}

static const char *look_up(const void *object, const char *key, struct arena *arena)
{
	const struct row_source *of = object;

	return of->format->listing->look_up(of->row, key, arena);
}

/* The head of .Label "com.example.some-name" is "some name". */
static const char *look_up_head(const void *object, const char *key, struct arena *arena)
{
	const char *dot = strrchr(key, '.');
	char *head = arena_strdup(arena, dot ? dot + 1 : key);

	(void)object;
	for (char *c = head; *c; c++)
		if (*c == '-' || *c == '_')
			*c = ' ';
	return head;
}

static struct value *make_lookup(const struct row_source *of, struct arena *arena)
{
	struct value *value = value_new(arena, VALUE_LOOKUP);

	value->look_up = of->row ? look_up : look_up_head;
	value->object = of;
	return value;
}

static const char *cell_text(const struct format *format, const void *row, size_t field,
			     struct arena *arena)
{
	const char *text = format->listing->cell(row, field, format->context, arena);

	return text ? text : "";
}

static struct value *make_value(const struct row_source *of, size_t i, struct arena *arena)
{
	const struct format_field *field = &of->format->listing->fields[i];
	const char *text;

	if (field->flags & FORMAT_LOOKUP)
		return make_lookup(of, arena);
	if (!of->row)
		return value_string(arena, field->head);
	text = cell_text(of->format, of->row, i, arena);
	if (field->flags & FORMAT_NUMBER)
		return value_int(arena, strtoll(text, NULL, 10));
	if (field->flags & FORMAT_TRUTH)
		return value_copy(arena, strcmp(text, "true") == 0 ? &value_true : &value_false);
	return value_string(arena, text);
}

static const struct value *make_field(const struct value_source *source, size_t i,
				      struct arena *arena)
{
	const struct row_source *of = row_source(source);
	struct value *value = make_value(of, i, arena);

	value->is_hidden = of->format->listing->fields[i].flags & (FORMAT_LOOKUP | FORMAT_EXTRA);
	return value;
}

/* A row as templates see it; `row` is NULL for the heads. */
static struct value *make_record(const struct format *format, const void *row)
{
	struct value *record = value_new(format->arena, VALUE_RECORD);
	struct row_source *of = arena_new(format->arena, struct row_source);

	*of = (struct row_source){ { format->listing->n_fields, field_name, make_field }, format,
				   row };
	record->source = &of->source;
	return record;
}

/* ------------------------------------------------------------------------------- shapes */

/* "\t" and "\n" as people type them; blanks around it go. */
static char *unescape(const char *text, struct arena *arena)
{
	char *copy = arena_strdup(arena, text + strspn(text, " ")), *to = copy;
	const char *from = copy;

	while (*from) {
		if (*from == '\\' && (from[1] == 't' || from[1] == 'n')) {
			*to++ = from[1] == 't' ? '\t' : '\n';
			from += 2;
		} else {
			*to++ = *from++;
		}
	}
	while (to > copy && to[-1] == ' ')
		to--;
	*to = '\0';
	return copy;
}

static int refuse_word(const char *word, struct err *err)
{
	(void)err_set(err, ERR_USAGE, EINVAL, "--format '%.64s' is neither '" TABLE "', 'json' "
		      "nor a template", word);
	return err_hint(err, "a template has fields, such as '{{.ID}}'; '{{json .}}' shows all");
}

static int parse_template(const char *text, struct arena *arena, struct template **ret,
			  struct err *err)
{
	int r;

	if (!strstr(text, "{{"))
		return refuse_word(text, err);
	r = template_parse(text, arena, ret, err);
	return r < 0 ? err_wrap(err, "--format") : 0;
}

static void add_cells(struct format *format, const void *row)
{
	const struct format_listing *listing = format->listing;
	size_t n = format->n_rows * listing->n_columns;

	if (format->n_rows == format->n_room) {
		const char **old = format->cells;

		format->n_room = 2 * format->n_room + 8;
		format->cells = arena_array(format->arena, const char *,
					    format->n_room * listing->n_columns);
		if (n)
			memcpy(format->cells, old, n * sizeof(*old));
	}
	for (size_t i = 0; i < listing->n_columns; i++)
		format->cells[n + i] =
			row ? cell_text(format, row, listing->columns[i], format->arena)
			    : listing->fields[listing->columns[i]].head;
	format->n_rows++;
}

int format_open(struct format *format, const struct format_listing *listing, const char *word,
		const void *context, struct arena *arena, struct err *err)
{
	bool is_table;
	int r;

	*format = (struct format){ .listing = listing, .context = context, .arena = arena };
	if (!word || !*word || strcmp(word, TABLE) == 0)
		return 0;
	if (strcmp(word, "json") == 0) {
		format->shape = FORMAT_JSON;
		return 0;
	}
	is_table = strncmp(word, TABLE, strlen(TABLE)) == 0;
	format->shape = is_table ? FORMAT_COLUMNS : FORMAT_ROWS;
	r = parse_template(unescape(word + (is_table ? strlen(TABLE) : 0), arena), arena,
			   &format->template, err);
	if (r < 0 || !is_table)
		return r;
	r = template_execute_head(format->template, make_record(format, NULL), arena,
				  &format->text, err);
	buf_puts(&format->text, "\n");
	return r < 0 ? err_wrap(err, "--format") : 0;
}

void format_open_field(struct format *format, const struct format_listing *listing, size_t field,
		       const void *context, struct arena *arena)
{
	*format = (struct format){ .listing = listing, .context = context, .arena = arena,
				   .shape = FORMAT_FIELD, .field = field };
}

static void add_json(struct format *format, const void *row)
{
	const struct format_listing *listing = format->listing;
	const char *comma = "";

	buf_puts(&format->text, "{");
	for (size_t i = 0; i < listing->n_fields; i++) {
		const struct format_field *field = &listing->fields[i];
		const char *text;

		if (field->flags & (FORMAT_EXTRA | FORMAT_LOOKUP))
			continue;
		buf_printf(&format->text, "%s\"%s\":", comma, field->name);
		comma = ",";
		text = cell_text(format, row, i, format->arena);
		if (field->flags & (FORMAT_NUMBER | FORMAT_TRUTH))
			buf_puts(&format->text, text);
		else
			json_text_quote(&format->text, text);
	}
	buf_puts(&format->text, "}\n");
}

int format_row(struct format *format, const void *row, struct err *err)
{
	int r = 0;

	switch (format->shape) {
	case FORMAT_TABLE:
		if (!format->n_rows)
			add_cells(format, NULL);
		add_cells(format, row);
		break;
	case FORMAT_JSON:
		add_json(format, row);
		break;
	case FORMAT_FIELD:
		buf_printf(&format->text, "%s\n",
			   cell_text(format, row, format->field, format->arena));
		break;
	default:
		r = template_execute(format->template, make_record(format, row), format->arena,
				     &format->text, err);
		buf_puts(&format->text, "\n");
	}
	return r < 0 ? err_wrap(err, "--format") : 0;
}

/* ------------------------------------------------------------------------------- the end */

static size_t count(const char *text, size_t len, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == c;
	return n;
}

/* As many cells as the line with the most has. */
static size_t count_columns(const char *text)
{
	size_t most = 0;

	for (size_t len; *text; text += len + (text[len] == '\n')) {
		size_t n;

		len = strcspn(text, "\n");
		n = count(text, len, '\t') + 1;
		most = n > most ? n : most;
	}
	return most < TABLE_MAX_COLUMNS ? most : TABLE_MAX_COLUMNS;
}

/* Lines whose cells are parted by tabs; the last one takes what is left of its line. */
static void lay_out(struct format *format, struct buf *out)
{
	const char *text = buf_str(&format->text);
	size_t n_columns = count_columns(text), n_rows = count(text, format->text.len, '\n');
	const char **cells = arena_array(format->arena, const char *, n_columns * n_rows);

	for (size_t row = 0; row < n_rows; row++)
		for (size_t column = 0; column < n_columns; column++) {
			bool is_last = column + 1 == n_columns;
			size_t len = strcspn(text, is_last ? "\n" : "\t\n");

			cells[row * n_columns + column] = arena_strndup(format->arena, text, len);
			text += len + (is_last || text[len] == '\t');
		}
	table_format(cells, n_columns, n_rows, 0, out);
}

/* They count for the widths of their columns all the same. */
static void remove_heads(struct buf *out, size_t start)
{
	const char *end = out->len > start ? strchr(out->data + start, '\n') : NULL;
	size_t len;

	if (!end)
		return;
	len = (size_t)(end + 1 - out->data) - start;
	out->len -= len;
	memmove(out->data + start, end + 1, out->len - start + 1);
}

void format_finish(struct format *format, struct buf *out)
{
	const size_t start = out->len;

	if (format->shape == FORMAT_COLUMNS) {
		lay_out(format, out);
	} else if (format->shape != FORMAT_TABLE) {
		buf_add(out, buf_str(&format->text), format->text.len);
	} else {
		if (!format->n_rows)
			add_cells(format, NULL);
		table_format(format->cells, format->listing->n_columns, format->n_rows, 0, out);
	}
	if (format->no_heads &&
	    (format->shape == FORMAT_TABLE || format->shape == FORMAT_COLUMNS))
		remove_heads(out, start);
}

int format_value(const char *word, const struct value *value, struct arena *arena,
		 struct buf *out, struct err *err)
{
	struct template *template;
	int r;

	if (strcmp(word, "json") == 0) {
		value_format(value, arena, out);
		buf_puts(out, "\n");
		return 0;
	}
	r = parse_template(word, arena, &template, err);
	if (r < 0)
		return r;
	r = template_execute(template, value, arena, out, err);
	buf_puts(out, "\n");
	return r < 0 ? err_wrap(err, "--format") : 0;
}
