/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Literals. NUL, which would end a string of ours, is in none of them.
 */
#include "template/literal.h"

#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------- numbers */

/* Its digits without the '_' that may stand between them. */
static char *plain_digits(const struct token *token, struct arena *arena)
{
	char *digits = arena_strndup(arena, token->start, token->len), *to = digits;

	for (const char *from = digits; *from; from++)
		if (*from != '_')
			*to++ = *from;
	*to = '\0';
	return digits;
}

/* 0b101 and 0o17, which the C library does not know. */
static int base_of(const char **digits)
{
	if ((*digits)[0] != '0' || !(*digits)[1])
		return 10;
	if (strchr("bBoO", (*digits)[1])) {
		*digits += 2;
		return strchr("bB", (*digits)[-1]) ? 2 : 8;
	}
	return strchr("xX", (*digits)[1]) ? 16 : 8;
}

static struct value *parse_integer(const char *digits, struct arena *arena)
{
	bool is_negative = *digits == '-';
	unsigned long long size;
	char *end;
	int base;

	digits += *digits == '-' || *digits == '+';
	base = base_of(&digits);
	if (!*digits || strchr("+-", *digits))
		return NULL;
	errno = 0;
	size = strtoull(digits, &end, base);
	if (*end || errno || size > (unsigned long long)INT64_MAX + is_negative)
		return NULL;
	return value_int(arena, (int64_t)(is_negative ? 0 - size : size));
}

static struct value *parse_number(const struct token *token, struct arena *arena)
{
	const char *digits = plain_digits(token, arena);
	struct value *value = parse_integer(digits, arena);
	double number;
	char *end;

	if (value || !strpbrk(digits, ".eE") || strpbrk(digits, "xXnN"))
		return value;
	number = strtod(digits, &end);
	return *end || !isfinite(number) ? NULL : value_float(arena, number);
}

/* ------------------------------------------------------------------------------- strings */

/* \x41, \101, \u00e9, \U0001f600. What follows it, or NULL. */
static const char *unescape_number(const char *at, struct buf *out)
{
	static const struct {
		char letter;
		int digits;
	} kinds[] = { { 'x', 2 }, { 'u', 4 }, { 'U', 8 } };
	int digits = 3, base = 8;
	unsigned long code;
	char text[9] = "", *end;

	for (size_t i = 0; i < 3; i++)
		if (*at == kinds[i].letter) {
			digits = kinds[i].digits;
			base = 16;
		}
	at += base == 16;
	(void)strncat(text, at, (size_t)digits);
	if (strspn(text, base == 16 ? "0123456789abcdefABCDEF" : "01234567") != (size_t)digits)
		return NULL;
	code = strtoul(text, &end, base);
	if (code == 0 || code > 0x10ffff || (digits <= 3 && code > 0xff) ||
	    (code >= 0xd800 && code < 0xe000))
		return NULL;
	if (digits <= 3)
		buf_add(out, (const char[]){ (char)code }, 1); /* a byte, not a letter */
	else
		utf8_add(out, (uint32_t)code);
	return at + digits;
}

/* What stands behind a '\'. */
static const char *unescape(const char *at, char quote, struct buf *out)
{
	static const char named[] = "a\ab\bf\fn\nr\rt\tv\v\\\\";

	if (*at == quote) {
		buf_add(out, at, 1);
		return at + 1;
	}
	for (const char *pair = named; *pair; pair += 2)
		if (*pair == *at) {
			buf_add(out, pair + 1, 1);
			return at + 1;
		}
	return unescape_number(at, out);
}

/* What is between the quotes. False: it is no string. */
static bool unquote(const struct token *token, struct buf *out)
{
	const char *at = token->start + 1, *end = token->start + token->len - 1;

	while (at && at < end) {
		if (*at == '\\')
			at = unescape(at + 1, *token->start, out);
		else
			buf_add(out, at++, 1);
	}
	return at == end;
}

static struct value *parse_char(const struct token *token, struct arena *arena)
{
	auto_buf struct buf text = {};
	uint32_t code;

	if (!unquote(token, &text) || !text.len)
		return NULL;
	if (text.len == 1)
		return value_int(arena, (unsigned char)text.data[0]);
	return utf8_decode(buf_str(&text), &code) == text.len ? value_int(arena, code) : NULL;
}

static struct value *parse_string(const struct token *token, struct arena *arena)
{
	auto_buf struct buf text = {};

	if (!unquote(token, &text))
		return NULL;
	return value_string(arena, arena_strndup(arena, buf_str(&text), text.len));
}

struct value *literal_parse(const struct token *token, struct arena *arena)
{
	switch (token->kind) {
	case TOKEN_NUMBER:
		return parse_number(token, arena);
	case TOKEN_CHAR:
		return parse_char(token, arena);
	case TOKEN_STRING:
		return parse_string(token, arena);
	default:
		return value_string(arena,
				    arena_strndup(arena, token->start + 1, token->len - 2));
	}
}
