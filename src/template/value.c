/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values: made, found, and written as JSON. Children are chained, so that a tree takes as many
 * allocations as it has values; what is looked for in a template is found soon enough by walking.
 */
#include "template/value.h"

#include "oci/json_text.h"
#include "template/print.h"

#include <inttypes.h>
#include <string.h>

const struct value value_absent = { .kind = VALUE_ABSENT };
const struct value value_nil = { .kind = VALUE_NIL };
const struct value value_true = { .kind = VALUE_BOOL, .boolean = true };
const struct value value_false = { .kind = VALUE_BOOL, .boolean = false };

/* ------------------------------------------------------------------------------- making */

struct value *value_new(struct arena *arena, enum value_kind kind)
{
	struct value *value = arena_new(arena, struct value);

	value->kind = kind;
	return value;
}

struct value *value_int(struct arena *arena, int64_t integer)
{
	struct value *value = value_new(arena, VALUE_INT);

	value->integer = integer;
	return value;
}

struct value *value_float(struct arena *arena, double number)
{
	struct value *value = value_new(arena, VALUE_FLOAT);

	value->number = number;
	return value;
}

struct value *value_string(struct arena *arena, const char *string)
{
	struct value *value = value_new(arena, VALUE_STRING);

	value->string = string;
	return value;
}

void value_add(struct value *parent, const char *key, struct value *child)
{
	child->key = key;
	child->next = NULL;
	*(parent->last ? &parent->last->next : &parent->first) = child;
	parent->last = child;
	parent->n++;
}

struct value *value_copy(struct arena *arena, const struct value *value)
{
	struct value *copy = value_new(arena, value->kind);

	*copy = *value;
	copy->next = NULL;
	return copy;
}

static struct value *merge(struct value *a, struct value *b)
{
	struct value *first = NULL, **end = &first;

	while (a && b) {
		struct value **least = strcmp(a->key, b->key) <= 0 ? &a : &b;

		*end = *least;
		end = &(*least)->next;
		*least = (*least)->next;
	}
	*end = a ? a : b;
	return first;
}

/* The `n` first values of a chain in order, and in *rest what follows them. */
static struct value *sorted(struct value *chain, size_t n, struct value **rest)
{
	struct value *half, *a, *b;

	if (n <= 1) {
		*rest = n ? chain->next : chain;
		if (n)
			chain->next = NULL;
		return n ? chain : NULL;
	}
	a = sorted(chain, n / 2, &half);
	b = sorted(half, n - n / 2, rest);
	return merge(a, b);
}

void value_sort(struct value *map)
{
	struct value *rest;

	map->first = sorted(map->first, map->n, &rest);
	for (struct value *child = map->first; child; child = child->next)
		map->last = child;
}

/* ------------------------------------------------------------------------------- looking */

static const struct value *find_made(const struct value_source *source, const char *key,
				     struct arena *arena)
{
	for (size_t i = 0; i < source->n; i++)
		if (strcmp(source->name(source, i), key) == 0)
			return source->make(source, i, arena);
	return NULL;
}

const struct value *value_find(const struct value *parent, const char *key, struct arena *arena)
{
	if (parent->source)
		return find_made(parent->source, key, arena);
	for (const struct value *child = parent->first; child; child = child->next)
		if (strcmp(child->key, key) == 0)
			return child;
	return NULL;
}

const struct value *value_whole(const struct value *value, struct arena *arena)
{
	const struct value_source *source = value->kind == VALUE_RECORD ? value->source : NULL;
	struct value *whole;

	if (!source)
		return value;
	whole = value_new(arena, VALUE_RECORD);
	for (size_t i = 0; i < source->n; i++)
		value_add(whole, source->name(source, i),
			  value_copy(arena, source->make(source, i, arena)));
	return whole;
}

bool value_is_true(const struct value *value)
{
	switch (value->kind) {
	case VALUE_ABSENT:
	case VALUE_NIL:
		return false;
	case VALUE_BOOL:
		return value->boolean;
	case VALUE_INT:
		return value->integer != 0;
	case VALUE_FLOAT:
		return value->number != 0;
	case VALUE_STRING:
		return *value->string != '\0';
	case VALUE_LIST:
	case VALUE_MAP:
		return value->n > 0;
	case VALUE_RECORD:
	case VALUE_LOOKUP:
		break;
	}
	return true;
}

/* ------------------------------------------------------------------------------- JSON */

static void format_children(const struct value *value, struct arena *arena, struct buf *out)
{
	bool is_list = value->kind == VALUE_LIST, is_first = true;

	buf_puts(out, is_list ? "[" : "{");
	for (const struct value *child = value->first; child; child = child->next) {
		if (child->is_hidden)
			continue;
		buf_puts(out, is_first ? "" : ",");
		is_first = false;
		if (!is_list) {
			json_text_quote(out, child->key);
			buf_puts(out, ":");
		}
		value_format(child, arena, out);
	}
	buf_puts(out, is_list ? "]" : "}");
}

void value_format(const struct value *value, struct arena *arena, struct buf *out)
{
	switch (value->kind) {
	case VALUE_BOOL:
		buf_puts(out, value->boolean ? "true" : "false");
		break;
	case VALUE_INT:
		buf_printf(out, "%" PRId64, value->integer);
		break;
	case VALUE_FLOAT:
		print_float_json(value->number, out);
		break;
	case VALUE_STRING:
		json_text_quote(out, value->string);
		break;
	case VALUE_LIST:
	case VALUE_MAP:
	case VALUE_RECORD:
		if (!value->is_null) {
			format_children(value_whole(value, arena), arena, out);
			break;
		}
		/* fallthrough */
	default:
		buf_puts(out, "null");
	}
}
