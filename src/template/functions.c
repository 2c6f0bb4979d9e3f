/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of functions, and those that look into values or print them.
 */
#include "template/functions.h"

#include "template/print.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int function_refuse(struct function_call *call, const char *fmt, ...)
{
	char reason[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return err_set(call->err, ERR_USAGE, EINVAL, "%s", reason);
}

int function_string(struct function_call *call, const struct value **ret)
{
	const char *text = arena_strndup(call->arena, buf_str(&call->made), call->made.len);

	*ret = value_string(call->arena, text);
	return 0;
}

int function_take_string(struct function_call *call, size_t i, const char **ret)
{
	if (call->args[i]->kind != VALUE_STRING)
		return function_refuse(call, "its argument %zu must be a string, not %s", i + 1,
				       print_type(call->args[i]));
	*ret = call->args[i]->string;
	return 0;
}

int function_take_int(struct function_call *call, size_t i, int64_t *ret)
{
	if (call->args[i]->kind != VALUE_INT)
		return function_refuse(call, "its argument %zu must be a whole number, not %s",
				       i + 1, print_type(call->args[i]));
	*ret = call->args[i]->integer;
	return 0;
}

/* ------------------------------------------------------------------------------- looking */

static int function_not(struct function_call *call, const struct value **ret)
{
	*ret = value_is_true(call->args[0]) ? &value_false : &value_true;
	return 0;
}

static int function_len(struct function_call *call, const struct value **ret)
{
	const struct value *value = call->args[0];

	if (value->kind != VALUE_STRING && value->kind != VALUE_LIST && value->kind != VALUE_MAP)
		return function_refuse(call, "%s has no length", print_type(value));
	*ret = value_int(call->arena, (int64_t)(value->kind == VALUE_STRING ? strlen(value->string)
									    : value->n));
	return 0;
}

/* What a map of strings does not have is an empty one. */
static int index_map(struct function_call *call, const struct value *map, size_t i,
		     const struct value **ret)
{
	const char *key;
	int r = function_take_string(call, i, &key);

	if (r < 0)
		return r;
	*ret = value_find(map, key, call->arena);
	if (!*ret)
		*ret = map->of_strings ? value_string(call->arena, "") : &value_absent;
	return 0;
}

static int index_list(struct function_call *call, const struct value *list, size_t i,
		      const struct value **ret)
{
	int64_t at;
	int r = function_take_int(call, i, &at);

	if (r < 0)
		return r;
	if (at < 0 || (uint64_t)at >= (list->kind == VALUE_STRING ? strlen(list->string) : list->n))
		return function_refuse(call, "there is no item %lld", (long long)at);
	if (list->kind == VALUE_STRING) {
		*ret = value_int(call->arena, (unsigned char)list->string[at]);
		return 0;
	}
	for (*ret = list->first; at > 0; at--)
		*ret = (*ret)->next;
	return 0;
}

static int function_index(struct function_call *call, const struct value **ret)
{
	const struct value *at = call->args[0];
	int r = 0;

	for (size_t i = 1; r == 0 && i < call->n; i++) {
		if (at->kind == VALUE_MAP)
			r = index_map(call, at, i, &at);
		else if (at->kind == VALUE_LIST || at->kind == VALUE_STRING)
			r = index_list(call, at, i, &at);
		else
			r = function_refuse(call, "%s has no items", print_type(at));
	}
	*ret = at;
	return r;
}

static int slice_list(struct function_call *call, size_t from, size_t to,
		      const struct value **ret)
{
	struct value *list = value_new(call->arena, VALUE_LIST);
	size_t i = 0;

	for (const struct value *item = call->args[0]->first; item && i < to; item = item->next)
		if (i++ >= from)
			value_add(list, NULL, value_copy(call->arena, item));
	*ret = list;
	return 0;
}

static int function_slice(struct function_call *call, const struct value **ret)
{
	const struct value *whole = call->args[0];
	bool is_string = whole->kind == VALUE_STRING;
	int64_t from = 0, to;
	int r = 0;

	if (!is_string && whole->kind != VALUE_LIST)
		return function_refuse(call, "%s can't be sliced", print_type(whole));
	to = (int64_t)(is_string ? strlen(whole->string) : whole->n);
	for (size_t i = 1; r == 0 && i < call->n; i++) {
		int64_t at, most = i == 1 ? to : INT64_MAX;

		r = function_take_int(call, i, &at);
		if (r == 0 && (at < 0 || at > (i == 1 ? most : to)))
			r = function_refuse(call, "there is no item %lld", (long long)at);
		*(i == 1 ? &from : &to) = at;
	}
	if (r == 0 && from > to)
		r = function_refuse(call, "it ends before it begins");
	if (r < 0)
		return r;
	if (!is_string)
		return slice_list(call, (size_t)from, (size_t)to, ret);
	buf_add(&call->made, whole->string + from, (size_t)(to - from));
	return function_string(call, ret);
}

/* ------------------------------------------------------------------------------- printing */

static int function_print(struct function_call *call, const struct value **ret)
{
	print_values(call->args, call->n, false, call->arena, &call->made);
	return function_string(call, ret);
}

static int function_println(struct function_call *call, const struct value **ret)
{
	print_values(call->args, call->n, true, call->arena, &call->made);
	return function_string(call, ret);
}

static int function_printf(struct function_call *call, const struct value **ret)
{
	const char *format;
	int r = function_take_string(call, 0, &format);

	if (r < 0)
		return r;
	print_format(format, call->args + 1, call->n - 1, call->arena, &call->made);
	return function_string(call, ret);
}

static int function_json(struct function_call *call, const struct value **ret)
{
	value_format(call->args[0], call->arena, &call->made);
	return function_string(call, ret);
}

/* ------------------------------------------------------------------------------- the table */

static const struct function functions[] = {
	{ "and", 1, FUNCTION_ANY, FUNCTION_LAZY, NULL },
	{ "eq", 2, FUNCTION_ANY, 0, function_eq },
	{ "ge", 2, 2, 0, function_ge },
	{ "gt", 2, 2, 0, function_gt },
	{ "html", 0, FUNCTION_ANY, 0, function_html },
	{ "index", 1, FUNCTION_ANY, 0, function_index },
	{ "join", 2, 2, FUNCTION_HEAD, function_join },
	{ "js", 0, FUNCTION_ANY, 0, function_js },
	{ "json", 1, 1, FUNCTION_HEAD, function_json },
	{ "le", 2, 2, 0, function_le },
	{ "len", 1, 1, 0, function_len },
	{ "lower", 1, 1, FUNCTION_HEAD, function_lower },
	{ "lt", 2, 2, 0, function_lt },
	{ "ne", 2, 2, 0, function_ne },
	{ "not", 1, 1, 0, function_not },
	{ "or", 1, FUNCTION_ANY, FUNCTION_LAZY, NULL },
	{ "pad", 3, 3, 0, function_pad },
	{ "print", 0, FUNCTION_ANY, 0, function_print },
	{ "printf", 1, FUNCTION_ANY, 0, function_printf },
	{ "println", 0, FUNCTION_ANY, 0, function_println },
	{ "slice", 1, 3, 0, function_slice },
	{ "split", 2, 2, FUNCTION_HEAD, function_split },
	{ "title", 1, 1, FUNCTION_HEAD, function_title },
	{ "truncate", 2, 2, FUNCTION_HEAD, function_truncate },
	{ "upper", 1, 1, FUNCTION_HEAD, function_upper },
	{ "urlquery", 0, FUNCTION_ANY, 0, function_urlquery },
};

const struct function *function_find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (strlen(functions[i].name) == len && memcmp(functions[i].name, name, len) == 0)
			return &functions[i];
	return NULL;
}

bool function_is_and(const struct function *function)
{
	return function == &functions[0];
}
