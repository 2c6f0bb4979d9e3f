/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that make strings of strings: Go's html, js and urlquery, which escape whatever they
 * are given as `print` would print it, and docker's.
 */
#include "base/utf8.h"
#include "template/functions.h"
#include "template/print.h"
#include "template/template.h"

#include <ctype.h>
#include <string.h>

/* ------------------------------------------------------------------------------- escaping */

/* One letter, in another shape or as it is. */
typedef void escape_fn(struct buf *out, const char *letter, size_t len, uint32_t code);

static void escape_html(struct buf *out, const char *letter, size_t len, uint32_t code)
{
	static const char *const shapes[] = { ['"'] = "&#34;", ['\''] = "&#39;", ['&'] = "&amp;",
					      ['<'] = "&lt;",  ['>'] = "&gt;" };

	if (code < sizeof(shapes) / sizeof(shapes[0]) && shapes[code])
		buf_puts(out, shapes[code]);
	else
		buf_add(out, letter, len);
}

static void escape_js(struct buf *out, const char *letter, size_t len, uint32_t code)
{
	if (code == '\\' || code == '\'' || code == '"')
		buf_printf(out, "\\%c", (char)code);
	else if (code < ' ' || code == 0x7f || code == '<' || code == '>' || code == '&' ||
		 code == '=')
		buf_printf(out, "\\u%04X", code);
	else
		buf_add(out, letter, len);
}

static void escape_url(struct buf *out, const char *letter, size_t len, uint32_t code)
{
	if (code < 0x80 && (isalnum((int)code) || strchr("-_.~", (int)code)))
		buf_add(out, letter, len);
	else if (code == ' ')
		buf_puts(out, "+");
	else
		for (size_t i = 0; i < len; i++)
			buf_printf(out, "%%%02X", (unsigned char)letter[i]);
}

static int escape(struct function_call *call, escape_fn *fn, const struct value **ret)
{
	auto_buf struct buf text = {};
	uint32_t code = 0;

	print_values(call->args, call->n, false, call->arena, &text);
	for (const char *at = buf_str(&text); *at;) {
		size_t len = utf8_decode(at, &code);

		fn(&call->made, at, len ? len : 1, len ? code : 0xfffd);
		at += len ? len : 1;
	}
	return function_string(call, ret);
}

int function_html(struct function_call *call, const struct value **ret)
{
	return escape(call, escape_html, ret);
}

int function_js(struct function_call *call, const struct value **ret)
{
	return escape(call, escape_js, ret);
}

int function_urlquery(struct function_call *call, const struct value **ret)
{
	return escape(call, escape_url, ret);
}

/* ------------------------------------------------------------------------------- docker's */

int function_join(struct function_call *call, const struct value **ret)
{
	const struct value *list = call->args[0];
	const char *between;
	int r = function_take_string(call, 1, &between);

	if (r < 0)
		return r;
	if (list->kind != VALUE_LIST && list->kind != VALUE_NIL)
		return function_refuse(call, "its argument 1 must be a list, not %s",
				       print_type(list));
	for (const struct value *item = list->kind == VALUE_LIST ? list->first : NULL; item;
	     item = item->next) {
		if (item->kind != VALUE_STRING)
			return function_refuse(call, "the list must be of strings, not of %s",
					       print_type(item));
		buf_printf(&call->made, "%s%s", item->string, item->next ? between : "");
	}
	return function_string(call, ret);
}

static void add_part(struct function_call *call, struct value *list, const char *part, size_t len)
{
	value_add(list, NULL, value_string(call->arena, arena_strndup(call->arena, part, len)));
}

static void split_letters(struct function_call *call, struct value *list, const char *text)
{
	uint32_t code;

	for (size_t len; *text; text += len) {
		len = utf8_decode(text, &code);
		len = len ? len : 1;
		add_part(call, list, text, len);
	}
}

static void split_at(struct function_call *call, struct value *list, const char *text,
		     const char *between)
{
	for (const char *end; (end = strstr(text, between)); text = end + strlen(between))
		add_part(call, list, text, (size_t)(end - text));
	add_part(call, list, text, strlen(text));
}

int function_split(struct function_call *call, const struct value **ret)
{
	struct value *list = value_new(call->arena, VALUE_LIST);
	const char *text, *between;
	int r = function_take_string(call, 0, &text);

	if (r == 0)
		r = function_take_string(call, 1, &between);
	if (r < 0)
		return r;
	if (*between)
		split_at(call, list, text, between);
	else
		split_letters(call, list, text);
	*ret = list;
	return 0;
}

enum shape { SHAPE_LOWER, SHAPE_UPPER, SHAPE_TITLE };

static char shape_of(char c, bool begins_word, enum shape shape)
{
	if (shape == SHAPE_LOWER)
		return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
	if (shape == SHAPE_UPPER || begins_word)
		return c >= 'a' && c <= 'z' ? (char)(c + 'A' - 'a') : c;
	return c;
}

static int reshape(struct function_call *call, enum shape shape, const struct value **ret)
{
	bool begins_word = true;
	const char *text;
	int r = function_take_string(call, 0, &text);

	if (r < 0)
		return r;
	for (; *text; text++) {
		char c = shape_of(*text, begins_word, shape);

		begins_word = !isalnum((unsigned char)*text) && *text != '_' && !(*text & 0x80);
		buf_add(&call->made, &c, 1);
	}
	return function_string(call, ret);
}

int function_lower(struct function_call *call, const struct value **ret)
{
	return reshape(call, SHAPE_LOWER, ret);
}

int function_upper(struct function_call *call, const struct value **ret)
{
	return reshape(call, SHAPE_UPPER, ret);
}

int function_title(struct function_call *call, const struct value **ret)
{
	return reshape(call, SHAPE_TITLE, ret);
}

/* So many blanks in front and behind; nothing stays nothing. */
int function_pad(struct function_call *call, const struct value **ret)
{
	const char *text;
	int64_t before = 0, behind = 0;
	int r = function_take_string(call, 0, &text);

	if (r == 0)
		r = function_take_int(call, 1, &before);
	if (r == 0)
		r = function_take_int(call, 2, &behind);
	if (r < 0)
		return r;
	if (before < 0 || behind < 0 || before > PRINT_MAX_WIDTH || behind > PRINT_MAX_WIDTH)
		return function_refuse(call, "from 0 to %d blanks can be had", PRINT_MAX_WIDTH);
	if (*text)
		buf_printf(&call->made, "%*s%s%*s", (int)before, "", text, (int)behind, "");
	return function_string(call, ret);
}

/* To so many bytes. */
int function_truncate(struct function_call *call, const struct value **ret)
{
	const char *text;
	int64_t most = 0;
	int r = function_take_string(call, 0, &text);

	if (r == 0)
		r = function_take_int(call, 1, &most);
	if (r < 0)
		return r;
	if (most < 0)
		return function_refuse(call, "a string has no %lld bytes", (long long)most);
	buf_add(&call->made, text, strnlen(text, (size_t)most));
	return function_string(call, ret);
}
