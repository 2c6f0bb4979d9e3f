/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/format.h"

#include "cli/table.h"
#include "tap.h"

enum { COLOUR, NAME, COUNT, LABEL, DEAR, N_FIELDS };

static const struct format_field fields[N_FIELDS] = {
	[COLOUR] = { "Colour", "COLOUR", 0 },
	[NAME] = { "Name", "NAME", 0 },
	[COUNT] = { "Count", "HOW MANY", FORMAT_NUMBER },
	[LABEL] = { "Label", "", FORMAT_LOOKUP },
	[DEAR] = { "Dear", "DEAR", FORMAT_EXTRA },
};

static const unsigned char columns[] = { NAME, COUNT };

struct thing {
	const char *name, *count;
};

static const struct thing things[] = { { "one", "1" }, { "three", "33" } };

static size_t dear_made;

static const char *cell(const void *row, size_t field, const void *context, struct arena *arena)
{
	const struct thing *thing = row;

	(void)arena;
	dear_made += field == DEAR;
	return field == NAME ? thing->name : field == COUNT ? thing->count : context;
}

static const char *look_up(const void *row, const char *key, struct arena *arena)
{
	return arena_printf(arena, "%s/%s", ((const struct thing *)row)->name, key);
}

static const struct format_listing listing = {
	.fields = fields,
	.n_fields = N_FIELDS,
	.columns = columns,
	.n_columns = sizeof(columns),
	.cell = cell,
	.look_up = look_up,
};

static bool shows(const char *word, size_t n_rows, const char *want)
{
	auto_arena struct arena arena = {};
	auto_format struct format format = {};
	auto_buf struct buf out = {};
	struct err err = {};
	int r = format_open(&format, &listing, word, "red", &arena, &err);

	for (size_t i = 0; r == 0 && i < n_rows; i++)
		r = format_row(&format, &things[i], &err);
	if (r < 0) {
		printf("# %s: %s\n", word, err.msg);
		return false;
	}
	format_finish(&format, &out);
	return CHECK_STR(buf_str(&out), want);
}

static bool a_table_is_what_there_is_without_a_word(void)
{
	return shows(NULL, 2, "NAME    HOW MANY\none     1\nthree   33\n") &&
	       shows("", 0, "NAME   HOW MANY\n") &&
	       shows("table", 1, "NAME   HOW MANY\none    1\n");
}

static bool json_is_an_object_a_line(void)
{
	dear_made = 0;
	return shows("json", 2,
		     "{\"Colour\":\"red\",\"Name\":\"one\",\"Count\":1}\n"
		     "{\"Colour\":\"red\",\"Name\":\"three\",\"Count\":33}\n") &&
	       shows("json", 0, "") && CHECK(dear_made == 0);
}

static bool a_template_is_a_line_a_row(void)
{
	return shows("{{.Name}}={{.Count}}", 2, "one=1\nthree=33\n") &&
	       shows("{{.Name}}\\t{{.Colour}}\\n", 1, "one\tred\n\n") &&
	       shows("{{if gt .Count 5}}{{.Name}}{{end}}", 2, "\nthree\n") &&
	       shows("{{.Label \"x\"}}", 1, "one/x\n") &&
	       shows("{{json .}}", 1,
		     "{\"Colour\":\"red\",\"Name\":\"one\",\"Count\":1}\n");
}

static bool a_table_has_the_columns_that_a_template_names(void)
{
	return shows("table {{.Colour}}\\t{{.Name}}", 2,
		     "COLOUR   NAME\nred      one\nred      three\n") &&
	       shows("table {{upper .Name}}\\t{{.Label \"com.x.some-name\"}}", 2,
		     "NAME    some name\nONE     one/com.x.some-name\n"
		     "THREE   three/com.x.some-name\n") &&
	       shows("table {{.Name}}", 0, "NAME\n");
}

static bool a_row_that_ends_early_has_empty_cells(void)
{
	return shows("table {{.Name}}{{if eq .Name \"three\"}}\\t{{.Count}}{{end}}", 2,
		     "NAME    \none     \nthree   33\n");
}

static bool columns_end_somewhere(void)
{
	auto_buf struct buf word = {}, want = {};

	buf_puts(&word, "table {{.Name}}");
	for (int i = 0; i < 40; i++)
		buf_puts(&word, "\\t{{/* */}}");
	for (int i = 0; i < TABLE_MAX_COLUMNS - 1; i++)
		buf_printf(&want, "%*s", i ? 3 : 7, i ? "" : "NAME   ");
	for (int i = TABLE_MAX_COLUMNS; i < 41; i++)
		buf_puts(&want, "\t");
	buf_puts(&want, "\n");
	return shows(buf_str(&word), 0, buf_str(&want));
}

static bool a_field_nobody_asks_for_is_not_made(void)
{
	dear_made = 0;
	return shows("{{.Name}}", 2, "one\nthree\n") && CHECK(dear_made == 0) &&
	       shows("{{.Dear}}", 1, "red\n") && CHECK(dear_made == 1);
}

static bool refuses(const char *word, const char *want, const char *hint)
{
	auto_arena struct arena arena = {};
	auto_format struct format format = {};
	struct err err = {};
	int r = format_open(&format, &listing, word, "red", &arena, &err);

	if (r == 0)
		r = format_row(&format, &things[0], &err);
	return CHECK(r == -EINVAL) && CHECK_STR(err.msg, want) && CHECK_STR(err.hint, hint);
}

static bool what_makes_no_sense_is_refused(void)
{
	return refuses("yaml", "--format 'yaml' is neither 'table', 'json' nor a template",
		       "a template has fields, such as '{{.ID}}'; '{{json .}}' shows all") &&
	       refuses("{{.Nope}}", "--format: template: 1:3: there is no field 'Nope'",
		       "the fields are: Colour, Name, Count, Label, Dear") &&
	       refuses("table {{.Nope}}", "--format: template: 1:3: there is no field 'Nope'",
		       "the fields are: Colour, Name, Count, Label, Dear") &&
	       refuses("{{.Name", "--format: template: 1:8: an action without its '}}'", "");
}

static bool one_value_is_a_line(void)
{
	static const char json[] = "{\"A\":{\"B\":[1,2]}}";
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {};
	struct value *value;
	struct err err = {};

	return CHECK(value_parse(json, strlen(json), NULL, &arena, &value, &err) == 0) &&
	       CHECK(format_value("json", value, &arena, &out, &err) == 0) &&
	       CHECK(format_value("{{.A.B}}\\t", value, &arena, &out, &err) == 0) &&
	       CHECK(format_value("x", value, &arena, &out, &err) == -EINVAL) &&
	       CHECK_STR(buf_str(&out), "{\"A\":{\"B\":[1,2]}}\n[1 2]\\t\n");
}

int main(void)
{
	TEST(a_table_is_what_there_is_without_a_word);
	TEST(json_is_an_object_a_line);
	TEST(a_template_is_a_line_a_row);
	TEST(a_table_has_the_columns_that_a_template_names);
	TEST(a_row_that_ends_early_has_empty_cells);
	TEST(columns_end_somewhere);
	TEST(a_field_nobody_asks_for_is_not_made);
	TEST(what_makes_no_sense_is_refused);
	TEST(one_value_is_a_line);
	return tap_done();
}
