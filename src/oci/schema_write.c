/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes JSON documents by the tables that they are read by (oci/schema.h): compact for machines,
 * or with tabs for people. What is absent is left out.
 */
#include "oci/schema.h"

#include "oci/json_text.h"
#include "oci/types.h"

#include <string.h>

/* All lists have this shape, whatever their items are. */
struct any_list {
	const void *v;
	size_t n;
};

struct writer {
	struct buf *out;
	bool is_pretty;
	int depth;
};

static void write_object(struct writer *w, const struct schema *schema, const void *object);

static void break_line(struct writer *w)
{
	if (!w->is_pretty)
		return;
	buf_puts(w->out, "\n");
	for (int i = 0; i < w->depth; i++)
		buf_puts(w->out, "\t");
}

static void open_bracket(struct writer *w, const char *bracket)
{
	buf_puts(w->out, bracket);
	w->depth++;
}

static void close_bracket(struct writer *w, const char *bracket, bool is_empty)
{
	w->depth--;
	if (!is_empty)
		break_line(w);
	buf_puts(w->out, bracket);
}

static void write_key(struct writer *w, const char *key, bool is_first)
{
	if (!is_first)
		buf_puts(w->out, ",");
	break_line(w);
	json_text_quote(w->out, key);
	buf_puts(w->out, w->is_pretty ? ": " : ":");
}

static void write_item(struct writer *w, const struct schema_field *field, const void *item)
{
	switch (field->kind) {
	case SCHEMA_STRINGS:
		json_text_quote(w->out, *(char *const *)item);
		break;
	case SCHEMA_IDS:
		buf_printf(w->out, "%u", *(const uint32_t *)item);
		break;
	default:
		write_object(w, field->sub, item);
	}
}

static void write_list(struct writer *w, const struct schema_field *field,
		       const struct any_list *list)
{
	size_t item_size = field->kind == SCHEMA_STRINGS ? sizeof(char *)
			   : field->kind == SCHEMA_IDS   ? sizeof(uint32_t)
							 : field->sub->size;

	open_bracket(w, "[");
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			buf_puts(w->out, ",");
		break_line(w);
		write_item(w, field, (const char *)list->v + i * item_size);
	}
	close_bracket(w, "]", list->n == 0);
}

static void write_map(struct writer *w, const struct schema_field *field,
		      const struct any_list *list)
{
	open_bracket(w, "{");
	for (size_t i = 0; i < list->n; i++) {
		size_t size = field->sub ? field->sub->size : sizeof(struct oci_pair);
		const char *item = (const char *)list->v + i * size;

		write_key(w, *(char *const *)item, i == 0);
		if (field->sub)
			write_object(w, field->sub, item);
		else
			json_text_quote(w->out, ((const struct oci_pair *)item)->value);
	}
	close_bracket(w, "}", list->n == 0);
}

static void write_map_list(struct writer *w, const struct schema_field *field,
			   const struct any_list *list)
{
	const struct schema_named_list *lists = list->v;

	open_bracket(w, "{");
	for (size_t i = 0; i < list->n; i++) {
		write_key(w, lists[i].key, i == 0);
		if (lists[i].items.n)
			write_list(w, field, (const struct any_list *)&lists[i].items);
		else
			buf_puts(w->out, "null");
	}
	close_bracket(w, "}", list->n == 0);
}

bool schema_is_absent(const struct schema_field *field, const void *member)
{
	switch (field->kind) {
	case SCHEMA_STRING:
	case SCHEMA_OBJECT:
		return *(void *const *)member == NULL;
	case SCHEMA_BOOL:
		return !*(const bool *)member;
	case SCHEMA_I32:
	case SCHEMA_U32:
		return *(const uint32_t *)member == 0;
	case SCHEMA_I64:
	case SCHEMA_U64:
		return *(const uint64_t *)member == 0;
	case SCHEMA_OPT_BOOL:
		return !((const struct oci_bool *)member)->is_set;
	case SCHEMA_OPT_I64:
	case SCHEMA_OPT_U64:
	case SCHEMA_OPT_U16:
	case SCHEMA_OPT_U32:
	case SCHEMA_OPT_ID:
		return !((const struct oci_u64 *)member)->is_set;
	case SCHEMA_STRINGS:
	case SCHEMA_IDS:
	case SCHEMA_PAIRS:
	case SCHEMA_LIST:
	case SCHEMA_MAP:
	case SCHEMA_MAP_LIST:
		return ((const struct any_list *)member)->n == 0;
	default:
		return false;
	}
}

static void write_value(struct writer *w, const struct schema_field *field, const void *value)
{
	switch (field->kind) {
	case SCHEMA_STRING:
		json_text_quote(w->out, *(char *const *)value ? *(char *const *)value : "");
		break;
	case SCHEMA_BOOL:
		buf_puts(w->out, *(const bool *)value ? "true" : "false");
		break;
	case SCHEMA_OPT_BOOL:
		buf_puts(w->out, ((const struct oci_bool *)value)->value ? "true" : "false");
		break;
	case SCHEMA_I32:
		buf_printf(w->out, "%d", *(const int32_t *)value);
		break;
	case SCHEMA_U32:
	case SCHEMA_ID:
		buf_printf(w->out, "%u", *(const uint32_t *)value);
		break;
	case SCHEMA_I64:
		buf_printf(w->out, "%jd", (intmax_t)*(const int64_t *)value);
		break;
	case SCHEMA_U64:
		buf_printf(w->out, "%ju", (uintmax_t)*(const uint64_t *)value);
		break;
	case SCHEMA_OPT_I64:
		buf_printf(w->out, "%jd", (intmax_t)((const struct oci_i64 *)value)->value);
		break;
	case SCHEMA_OPT_U64:
	case SCHEMA_OPT_U16:
	case SCHEMA_OPT_U32:
	case SCHEMA_OPT_ID:
		buf_printf(w->out, "%ju", (uintmax_t)((const struct oci_u64 *)value)->value);
		break;
	case SCHEMA_NAME:
		json_text_quote(w->out, field->index_name(*(const int *)value));
		break;
	case SCHEMA_OBJECT:
		write_object(w, field->sub, *(void *const *)value);
		break;
	case SCHEMA_EMBEDDED:
		write_object(w, field->sub, value);
		break;
	case SCHEMA_STRINGS:
	case SCHEMA_IDS:
	case SCHEMA_LIST:
		write_list(w, field, value);
		break;
	case SCHEMA_PAIRS:
	case SCHEMA_MAP:
		write_map(w, field, value);
		break;
	case SCHEMA_MAP_LIST:
		write_map_list(w, field, value);
		break;
	}
}

static void write_object(struct writer *w, const struct schema *schema, const void *object)
{
	bool is_first = true;

	open_bracket(w, "{");
	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct schema_field *field = &schema->fields[i];
		const char *value = (const char *)object + field->offset;

		bool is_absent = schema_is_absent(field, value);

		if (is_absent && !(field->flags & (SCHEMA_REQUIRED | SCHEMA_NULL)))
			continue;
		write_key(w, field->name, is_first);
		if (is_absent && (field->flags & SCHEMA_NULL))
			buf_puts(w->out, "null");
		else
			write_value(w, field, value);
		is_first = false;
	}
	close_bracket(w, "}", is_first);
}

void schema_format(const struct schema *schema, const void *object, struct buf *out)
{
	struct writer w = { .out = out };

	write_object(&w, schema, object);
}

void schema_format_pretty(const struct schema *schema, const void *object, struct buf *out)
{
	struct writer w = { .out = out, .is_pretty = true };

	write_object(&w, schema, object);
	buf_puts(out, "\n");
}
