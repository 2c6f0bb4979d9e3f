/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What --format asks for, in docker's words: a table, JSON, a template for each row, or a table of
 * the columns that a template names. A listing says once which fields its rows have and how they
 * are made; a field that nobody asks for is not made.
 *
 *	auto_format struct format format = {};
 *	r = format_open(&format, &listing, args->format, args, call->arena, err);
 *	for (...)
 *		r = format_row(&format, row, err);
 *	format_finish(&format, &out);
 */

#include "base/arena.h"
#include "template/template.h"

#define FORMAT_WORDS "table|json|TEMPLATE"

enum format_flags {
	FORMAT_EXTRA = 1 << 0,  /* only for a template: podman's word, or dear to make */
	FORMAT_NUMBER = 1 << 1, /* its text is a whole number */
	FORMAT_TRUTH = 1 << 2,  /* "true" or "false" */
	FORMAT_LOOKUP = 1 << 3, /* called with a key, as .Label "x": the listing's look_up */
};

/* No pointers: the loader has nothing to relocate. */
struct format_field {
	char name[20]; /* docker's */
	char head[24]; /* of its column */
	unsigned char flags;
};

struct format_listing {
	const struct format_field *fields; /* as JSON has them */
	size_t n_fields;
	const unsigned char *columns; /* of a table that names none */
	size_t n_columns;

	/* The text of one field; `context` is format_open's. */
	const char *(*cell)(const void *row, size_t field, const void *context,
			    struct arena *arena);
	const char *(*look_up)(const void *row, const char *key, struct arena *arena);
};

enum format_shape { FORMAT_TABLE, FORMAT_JSON, FORMAT_FIELD, FORMAT_ROWS, FORMAT_COLUMNS };

struct format {
	const struct format_listing *listing;
	const void *context;
	struct arena *arena;
	enum format_shape shape;
	bool no_heads; /* of a table; for the caller to set */
	size_t field; /* of FORMAT_FIELD */
	struct template *template;
	const char **cells; /* of a table: the heads, and the rows so far */
	size_t n_rows, n_room;
	struct buf text; /* of all other shapes */
};

void format_done(struct format *format);
#define auto_format auto_cleanup(format_done)

/* `word`: NULL or "": a table. ERR_USAGE: it is none of those that there are. */
int format_open(struct format *format, const struct format_listing *listing, const char *word,
		const void *context, struct arena *arena, struct err *err);

/* One field in a line of its own, as --quiet has it. */
void format_open_field(struct format *format, const struct format_listing *listing, size_t field,
		       const void *context, struct arena *arena);

int format_row(struct format *format, const void *row, struct err *err);

/* Add all of it. */
void format_finish(struct format *format, struct buf *out);

/* ------------------------------------------------------------------------------- one value */

/* Add it as JSON for "json", or as a template has it, in a line of its own. As in docker, "\n" in
 * such a template is two letters. */
int format_value(const char *word, const struct value *value, struct arena *arena,
		 struct buf *out, struct err *err);
