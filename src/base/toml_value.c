/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of a TOML document: strings in their four forms, numbers, booleans, arrays and inline
 * tables; and the keys, which may be strings too. The text was checked as a whole before: it is
 * UTF-8, and has no control characters but tabs and ends of lines.
 */
#include "base/toml_value.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BARE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

int toml_refuse(struct toml_reader *r, const char *fmt, ...)
{
	char reason[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return err_set(r->err, ERR_USAGE, EINVAL, "line %u: %s", r->line, reason);
}

int toml_check_text(struct toml_reader *r, size_t len)
{
	const char *start = r->p, *p = start;
	uint32_t code;

	while (*p) {
		size_t n = utf8_decode(p, &code);

		if (n == 0)
			return toml_refuse(r, "this is no UTF-8");
		if ((code < ' ' && !strchr("\t\n", (int)code) && strncmp(p, "\r\n", 2) != 0) ||
		    code == 0x7f)
			return toml_refuse(r, "a control character, 0x%02x", code);
		r->line += code == '\n';
		p += n;
	}
	if ((size_t)(p - start) != len)
		return toml_refuse(r, "a control character, 0x00");
	r->line = 1;
	return 0;
}

/* ------------------------------------------------------------------------------ blanks */

void toml_skip_blanks(struct toml_reader *r)
{
	r->p += strspn(r->p, " \t");
}

int toml_skip_lines(struct toml_reader *r)
{
	for (;;) {
		toml_skip_blanks(r);
		if (*r->p == '#')
			r->p += strcspn(r->p, "\n");
		if (*r->p == '\r')
			r->p++;
		if (*r->p != '\n')
			return 0;
		r->p++;
		r->line++;
	}
}

/* ------------------------------------------------------------------------------ strings */

static void add_code(struct buf *out, uint32_t code)
{
	char bytes[4];
	size_t n = 0;

	if (code < 0x80) {
		bytes[n++] = (char)code;
	} else if (code < 0x800) {
		bytes[n++] = (char)(0xc0 | code >> 6);
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		bytes[n++] = (char)(0xe0 | code >> 12);
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	} else {
		bytes[n++] = (char)(0xf0 | code >> 18);
		bytes[n++] = (char)(0x80 | (code >> 12 & 0x3f));
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	}
	buf_add(out, bytes, n);
}

/* \uXXXX and \UXXXXXXXX, having read the letter. */
static int read_code(struct toml_reader *r, size_t digits, struct buf *out)
{
	char text[9] = "";
	uint32_t code;

	if (strspn(r->p, "0123456789abcdefABCDEF") < digits)
		return toml_refuse(r, "%zu hexadecimal digits must follow", digits);
	memcpy(text, r->p, digits);
	code = (uint32_t)strtoul(text, NULL, 16);
	if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return toml_refuse(r, "'%s' is no character", text);
	add_code(out, code);
	r->p += digits;
	return 0;
}

/* What follows a backslash. */
static int read_escape(struct toml_reader *r, bool is_multiline, struct buf *out)
{
	static const char letters[] = "btnfr\"\\", bytes[] = "\b\t\n\f\r\"\\";
	const char *known = *r->p ? strchr(letters, *r->p) : NULL;
	size_t blanks = strspn(r->p, " \t\r");

	if (known) {
		buf_add(out, &bytes[known - letters], 1);
		r->p++;
		return 0;
	}
	if (*r->p == 'u' || *r->p == 'U') {
		r->p++;
		return read_code(r, r->p[-1] == 'u' ? 4 : 8, out);
	}
	if (!is_multiline || r->p[blanks] != '\n')
		return toml_refuse(r, "an unknown escape in a string");
	for (; *r->p && strchr(" \t\r\n", *r->p); r->p++)
		r->line += *r->p == '\n';
	return 0;
}

/* One line, having read the quote. */
static int read_line_string(struct toml_reader *r, char quote, struct buf *out)
{
	while (*r->p != quote) {
		int rc;

		if (!*r->p || *r->p == '\n' || *r->p == '\r')
			return toml_refuse(r, "a string has no end");
		if (*r->p == '\\' && quote == '"') {
			r->p++;
			rc = read_escape(r, false, out);
			if (rc < 0)
				return rc;
			continue;
		}
		buf_add(out, r->p++, 1);
	}
	r->p++;
	return 0;
}

/* Several lines, having read three quotes. As many as two may stand right before the last three. */
static int read_multiline(struct toml_reader *r, char quote, struct buf *out)
{
	const char end[] = { quote, quote, quote, '\0' };

	r->p += *r->p == '\r';
	if (*r->p == '\n') {
		r->p++;
		r->line++;
	}
	while (strncmp(r->p, end, 3) != 0) {
		int rc;

		if (!*r->p)
			return toml_refuse(r, "a string has no end");
		if (*r->p == '\\' && quote == '"') {
			r->p++;
			rc = read_escape(r, true, out);
			if (rc < 0)
				return rc;
			continue;
		}
		r->line += *r->p == '\n';
		buf_add(out, r->p++, 1);
	}
	r->p += 3;
	for (int more = 0; *r->p == quote && more < 2; more++)
		buf_add(out, r->p++, 1);
	return 0;
}

static int read_string(struct toml_reader *r, bool may_be_multiline, char **ret)
{
	auto_buf struct buf text = {};
	char quote = *r->p;
	int rc;

	if (may_be_multiline && r->p[1] == quote && r->p[2] == quote) {
		r->p += 3;
		rc = read_multiline(r, quote, &text);
	} else {
		r->p++;
		rc = read_line_string(r, quote, &text);
	}
	if (rc == 0)
		*ret = arena_strdup(r->arena, buf_str(&text));
	return rc;
}

int toml_read_key(struct toml_reader *r, char **ret)
{
	size_t n;

	toml_skip_blanks(r);
	if (*r->p == '"' || *r->p == '\'')
		return read_string(r, false, ret);
	n = strspn(r->p, BARE);
	if (n == 0)
		return toml_refuse(r, "a key must stand here");
	*ret = arena_strndup(r->arena, r->p, n);
	r->p += n;
	return 0;
}

/* ------------------------------------------------------------------------------ scalars */

/* The digits without their underscores, each of which must stand between two. */
static bool strip_underscores(const char *word, char *out)
{
	for (size_t i = 0; word[i]; i++) {
		if (word[i] != '_')
			*out++ = word[i];
		else if (i == 0 || word[i - 1] == '_' || !word[i + 1])
			return false;
	}
	*out = '\0';
	return true;
}

static bool parse_integer(const char *word, int64_t *ret)
{
	static const struct { const char *prefix, *digits; int base; } forms[] = {
		{ "0x", "0123456789abcdefABCDEF", 16 }, { "0o", "01234567", 8 },
		{ "0b", "01", 2 },                      { "", "0123456789", 10 },
	};
	bool is_negative = *word == '-', is_signed = is_negative || *word == '+';
	char digits[72];
	size_t form = 0;
	char *end;

	word += is_signed;
	while (strncmp(word, forms[form].prefix, strlen(forms[form].prefix)) != 0)
		form++;
	word += strlen(forms[form].prefix);
	if ((is_signed && forms[form].base != 10) || strlen(word) >= sizeof(digits) - 1)
		return false;
	digits[0] = is_negative ? '-' : '+';
	if (!strip_underscores(word, &digits[1]) || !digits[1])
		return false;
	if (digits[1 + strspn(&digits[1], forms[form].digits)] != '\0')
		return false;
	if (forms[form].base == 10 && digits[1] == '0' && digits[2])
		return false;
	errno = 0;
	*ret = strtoll(digits, &end, forms[form].base);
	return errno == 0 && *end == '\0';
}

static int read_word(struct toml_reader *r, struct toml *value)
{
	size_t n = strspn(r->p, BARE "+.:");
	char word[80];

	(void)snprintf(word, sizeof(word), "%.*s", n < sizeof(word) ? (int)n : 0, r->p);
	if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
		value->kind = TOML_BOOLEAN;
		value->boolean = *word == 't';
	} else if (parse_integer(word, &value->integer)) {
		value->kind = TOML_INTEGER;
	} else {
		return toml_refuse(r, "'%s' is no value: a string, a whole number, true, false, "
				      "an array or a table may follow", word);
	}
	r->p += n;
	return 0;
}

/* ------------------------------------------------------------------------------ containers */

/* Having read '['. */
static int read_array(struct toml_reader *r, struct toml *array)
{
	for (;;) {
		int rc = toml_skip_lines(r);

		if (rc < 0)
			return rc;
		if (*r->p == ']')
			break;
		rc = toml_read_value(r, array, NULL);
		if (rc == 0)
			rc = toml_skip_lines(r);
		if (rc < 0)
			return rc;
		if (*r->p == ']')
			break;
		if (*r->p != ',')
			return toml_refuse(r, "',' or ']' must follow in an array");
		r->p++;
	}
	r->p++;
	return 0;
}

/* Whatever dotted keys made in it is closed as well. */
static void close_table(struct toml *table)
{
	table->origin = TOML_INLINE;
	for (struct toml *member = table->first; member; member = member->next)
		if (member->kind == TOML_TABLE)
			close_table(member);
}

/* Having read '{'. */
static int read_table(struct toml_reader *r, struct toml *table)
{
	table->origin = TOML_DOTTED;
	toml_skip_blanks(r);
	while (*r->p != '}') {
		int rc = toml_read_pair(r, table);

		if (rc < 0)
			return rc;
		toml_skip_blanks(r);
		if (*r->p == '}')
			break;
		if (*r->p != ',')
			return toml_refuse(r, "',' or '}' must follow in a table");
		r->p++;
		toml_skip_blanks(r);
		if (*r->p == '}')
			return toml_refuse(r, "a key must follow the ','");
	}
	r->p++;
	close_table(table);
	return 0;
}

int toml_read_value(struct toml_reader *r, struct toml *parent, const char *key)
{
	struct toml *value;
	int rc;

	if (r->depth >= TOML_MAX_DEPTH)
		return toml_refuse(r, "more than %d levels", TOML_MAX_DEPTH);
	toml_skip_blanks(r);
	value = toml_add(r, parent, key, TOML_STRING);
	value->origin = TOML_INLINE;
	r->depth++;
	switch (*r->p) {
	case '"':
	case '\'':
		rc = read_string(r, true, &value->string);
		break;
	case '[':
		r->p++;
		value->kind = TOML_ARRAY;
		rc = read_array(r, value);
		break;
	case '{':
		r->p++;
		value->kind = TOML_TABLE;
		rc = read_table(r, value);
		break;
	default:
		rc = read_word(r, value);
	}
	r->depth--;
	return rc;
}
