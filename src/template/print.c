/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Go's fmt. A directive of a format (%-5.2f) is read into a `struct directive`; lists and maps
 * hand it down to what is in them, and each scalar is written by itself and then padded. %v is the
 * directive that print_value uses.
 */
#include "template/print.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct directive {
	char verb;
	bool minus, plus, sharp, space, zero;
	bool named; /* %+v: the members of records have their names */
	int width, precision; /* -1: none */
	struct arena *arena;
};

static void print_one(const struct directive *d, const struct value *value, struct buf *out);

const char *print_type(const struct value *value)
{
	static const char *const names[] = {
		[VALUE_ABSENT] = "<nil>",  [VALUE_NIL] = "<nil>",
		[VALUE_BOOL] = "bool",	   [VALUE_INT] = "int",
		[VALUE_FLOAT] = "float64", [VALUE_STRING] = "string",
		[VALUE_LIST] = "[]interface {}",
		[VALUE_MAP] = "map[string]interface {}",
		[VALUE_RECORD] = "struct",
		[VALUE_LOOKUP] = "func(string) string",
	};

	return names[value->kind];
}

/* ------------------------------------------------------------------------------- numbers */

/* The fewest digits that give the same number back, as "1.25e+02". */
static void shortest(double number, char *out, size_t size)
{
	for (int digits = 0; digits < 17; digits++) {
		(void)snprintf(out, size, "%.*e", digits, number);
		if (strtod(out, NULL) == number)
			return;
	}
}

static bool add_strange(double number, const char *plus, struct buf *out)
{
	if (isfinite(number))
		return false;
	buf_puts(out, isnan(number) ? "NaN" : number < 0 ? "-Inf" : plus);
	return true;
}

/* With an exponent below `least` or from `most` on, without one in between. */
static void add_shortest(double number, int least, int most, struct buf *out)
{
	char text[40];
	int exponent, digits;

	if (add_strange(number, "+Inf", out))
		return;
	shortest(number, text, sizeof(text));
	exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	digits = (int)(strchr(text, 'e') - text) - (number < 0 || signbit(number)) - 1;
	digits -= digits > 0; /* the point */
	if (exponent < least || exponent >= most)
		buf_puts(out, text);
	else
		buf_printf(out, "%.*f", digits > exponent ? digits - exponent : 0, number);
}

void print_float_json(double number, struct buf *out)
{
	add_shortest(number, -6, 21, out);
}

static void add_float(const struct directive *d, double number, struct buf *out)
{
	char format[] = "%.*f";
	size_t start = out->len;

	format[3] = d->verb == 'v' ? 'g' : d->verb;
	if ((d->verb == 'v' || d->verb == 'g') && d->precision < 0)
		add_shortest(number, -4, 6, out);
	else if (!add_strange(number, "+Inf", out)) {
		char text[PRINT_MAX_WIDTH + 400];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(text, sizeof(text), format, d->precision < 0 ? 6 : d->precision,
			       number);
#pragma GCC diagnostic pop
		buf_puts(out, text);
	}
	if (d->plus && out->data[start] != '-' && out->data[start] != '+') {
		auto_buf struct buf digits = {};

		buf_puts(&digits, out->data + start);
		out->len = start;
		buf_printf(out, "+%s", buf_str(&digits));
	}
}

static void add_digits(uint64_t number, unsigned base, const char *letters, int least,
		       struct buf *out)
{
	char text[72 + PRINT_MAX_WIDTH];
	size_t at = sizeof(text);

	do {
		text[--at] = letters[number % base];
		number /= base;
		least--;
	} while (number || least > 0);
	buf_add(out, text + at, sizeof(text) - at);
}

static void add_integer(const struct directive *d, int64_t number, struct buf *out)
{
	static const struct {
		char verb;
		unsigned base;
		const char *sharp;
	} bases[] = { { 'b', 2, "0b" }, { 'o', 8, "0" }, { 'x', 16, "0x" }, { 'X', 16, "0X" } };
	const char *letters = d->verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	uint64_t size = number < 0 ? -(uint64_t)number : (uint64_t)number;
	unsigned base = 10;
	int least = d->precision;

	buf_puts(out, number < 0 ? "-" : d->plus ? "+" : d->space ? " " : "");
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		if (bases[i].verb == d->verb) {
			base = bases[i].base;
			buf_puts(out, d->sharp ? bases[i].sharp : "");
		}
	if (d->zero && !d->minus && d->width > 0 && least < 0)
		least = d->width - (number < 0 || d->plus || d->space);
	add_digits(size, base, letters, least, out);
}

/* ------------------------------------------------------------------------------- strings */

void print_quoted(const char *string, struct buf *out)
{
	static const char named[] = "\aa\bb\ff\nn\rr\tt\vv\\\\\"\"";
	uint32_t code;

	buf_puts(out, "\"");
	for (size_t len; *string; string += len ? len : 1) {
		const char *pair = named;

		len = utf8_decode(string, &code);
		while (*pair && *pair != *string)
			pair += 2;
		if (*pair)
			buf_printf(out, "\\%c", pair[1]);
		else if (!len || (unsigned char)*string < ' ' || *string == 0x7f)
			buf_printf(out, "\\x%02x", (unsigned char)*string);
		else
			buf_add(out, string, len);
	}
	buf_puts(out, "\"");
}

/* At most `most` letters of it, or all. */
static void add_letters(const char *string, int most, struct buf *out)
{
	uint32_t code;
	size_t len;

	for (; *string && most != 0; string += len, most--) {
		len = utf8_decode(string, &code);
		len = len ? len : 1;
		buf_add(out, string, len);
	}
}

static void add_hex(const struct directive *d, const char *string, struct buf *out)
{
	for (; *string; string++)
		buf_printf(out, d->verb == 'x' ? "%02x" : "%02X", (unsigned char)*string);
}

static void add_string(const struct directive *d, const char *string, struct buf *out)
{
	auto_buf struct buf part = {};

	add_letters(string, d->precision, &part);
	if (d->verb == 'q' || (d->verb == 'v' && d->sharp))
		print_quoted(buf_str(&part), out);
	else if (d->verb == 'x' || d->verb == 'X')
		add_hex(d, buf_str(&part), out);
	else
		buf_puts(out, buf_str(&part));
}

/* ------------------------------------------------------------------------------- values */

static void add_bad(const struct directive *d, const struct value *value, struct buf *out)
{
	buf_printf(out, "%%!%c(", d->verb);
	if (value->kind == VALUE_NIL || value->kind == VALUE_ABSENT) {
		buf_puts(out, "<nil>)");
		return;
	}
	buf_printf(out, "%s=", print_type(value));
	print_value(value, d->arena, out);
	buf_puts(out, ")");
}

static void add_scalar(const struct directive *d, const struct value *value, struct buf *out)
{
	static const char *const suits[] = {
		[VALUE_ABSENT] = "v",	  [VALUE_NIL] = "v",	    [VALUE_BOOL] = "vt",
		[VALUE_INT] = "vdboxXcqU", [VALUE_FLOAT] = "veEfFgG", [VALUE_STRING] = "vsqxX",
		[VALUE_LOOKUP] = "v",
	};

	if (!strchr(suits[value->kind], d->verb))
		add_bad(d, value, out);
	else if (value->kind == VALUE_BOOL)
		buf_puts(out, value->boolean ? "true" : "false");
	else if (value->kind == VALUE_FLOAT)
		add_float(d, value->number, out);
	else if (value->kind == VALUE_STRING)
		add_string(d, value->string, out);
	else if (value->kind != VALUE_INT)
		buf_puts(out, "<nil>");
	else if (d->verb == 'U')
		buf_printf(out, "U+%04" PRIX64, (uint64_t)value->integer);
	else if (d->verb == 'c' || d->verb == 'q') {
		buf_puts(out, d->verb == 'q' ? "'" : "");
		utf8_add(out, (uint32_t)value->integer);
		buf_puts(out, d->verb == 'q' ? "'" : "");
	} else
		add_integer(d, value->integer, out);
}

static void add_padded(const struct directive *d, const struct value *value, struct buf *out)
{
	auto_buf struct buf text = {};
	const char *rest;
	int missing;

	add_scalar(d, value, &text);
	rest = buf_str(&text);
	missing = d->width - (int)utf8_count(rest);
	if (missing > 0 && d->zero && !d->minus && value->kind == VALUE_FLOAT) {
		if (*rest == '-' || *rest == '+')
			buf_add(out, rest++, 1);
		for (; missing > 0; missing--)
			buf_puts(out, "0");
	}
	missing = missing > 0 ? missing : 0;
	buf_printf(out, "%*s%s%*s", d->minus ? 0 : missing, "", rest, d->minus ? missing : 0, "");
}

static void print_children(const struct directive *d, const struct value *value, struct buf *out)
{
	static const char *const heads[] = { [VALUE_LIST] = "[", [VALUE_MAP] = "map[",
					     [VALUE_RECORD] = "{" };
	const char *blank = "";

	buf_puts(out, heads[value->kind]);
	for (const struct value *child = value->first; child; child = child->next) {
		if (child->is_hidden)
			continue;
		buf_puts(out, blank);
		blank = " ";
		if (value->kind == VALUE_MAP || (value->kind == VALUE_RECORD && d->named))
			buf_printf(out, "%s:", child->key);
		print_one(d, child, out);
	}
	buf_puts(out, value->kind == VALUE_RECORD ? "}" : "]");
}

static void print_one(const struct directive *d, const struct value *value, struct buf *out)
{
	if (d->verb == 'T')
		buf_puts(out, print_type(value));
	else if (value->kind == VALUE_LIST || value->kind == VALUE_MAP ||
		 value->kind == VALUE_RECORD)
		print_children(d, value_whole(value, d->arena), out);
	else
		add_padded(d, value, out);
}

void print_value(const struct value *value, struct arena *arena, struct buf *out)
{
	const struct directive plain = { .verb = 'v', .width = -1, .precision = -1,
					 .arena = arena };

	print_one(&plain, value, out);
}

void print_values(const struct value *const *values, size_t n, bool is_line, struct arena *arena,
		  struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (i && (is_line || (values[i]->kind != VALUE_STRING &&
				      values[i - 1]->kind != VALUE_STRING)))
			buf_puts(out, " ");
		print_value(values[i], arena, out);
	}
	buf_puts(out, is_line ? "\n" : "");
}

/* ------------------------------------------------------------------------------- formats */

/* The values that a format takes, one after the other or by their number. */
struct taking {
	const struct value *const *values;
	size_t n, next;
	bool by_number;
	struct buf *out;
};

static const struct value *take(struct taking *taking)
{
	return taking->next < taking->n ? taking->values[taking->next++] : NULL;
}

/* "[2]" */
static const char *read_number(const char *at, struct taking *taking)
{
	char *end;
	unsigned long number;

	if (*at != '[')
		return at;
	number = strtoul(at + 1, &end, 10);
	if (*end != ']')
		return at;
	taking->next = number ? number - 1 : taking->n;
	taking->by_number = true;
	return end + 1;
}

static const char *read_size(const char *at, struct taking *taking, int *ret)
{
	const struct value *value;
	int size = 0;

	at = read_number(at, taking);
	if (*at == '*') {
		value = take(taking);
		if (value && value->kind == VALUE_INT && value->integer <= PRINT_MAX_WIDTH &&
		    value->integer >= -PRINT_MAX_WIDTH)
			*ret = (int)value->integer;
		return at + 1;
	}
	if (*at < '0' || *at > '9')
		return at;
	for (; *at >= '0' && *at <= '9'; at++)
		size = size > PRINT_MAX_WIDTH ? size : size * 10 + (*at - '0');
	*ret = size > PRINT_MAX_WIDTH ? PRINT_MAX_WIDTH : size;
	return at;
}

static const char *read_flags(const char *at, struct directive *d)
{
	for (;; at++)
		switch (*at) {
		case '-':
			d->minus = true;
			break;
		case '+':
			d->plus = true;
			break;
		case '#':
			d->sharp = true;
			break;
		case ' ':
			d->space = true;
			break;
		case '0':
			d->zero = true;
			break;
		default:
			return at;
		}
}

static const char *read_directive(const char *at, struct taking *taking, struct directive *d)
{
	at = read_flags(at, d);
	at = read_size(at, taking, &d->width);
	if (d->width < -1) {
		d->minus = true;
		d->width = -d->width;
	}
	if (*at == '.') {
		d->precision = 0;
		at = read_size(at + 1, taking, &d->precision);
	}
	at = read_number(at, taking);
	d->verb = *at;
	d->named = d->verb == 'v' && d->plus;
	d->plus &= !d->named;
	return at;
}

static void add_extra(struct taking *taking, struct arena *arena)
{
	const char *comma = "";

	if (taking->by_number || taking->next >= taking->n)
		return;
	buf_puts(taking->out, "%!(EXTRA ");
	for (; taking->next < taking->n; taking->next++, comma = ", ") {
		const struct value *value = taking->values[taking->next];

		buf_printf(taking->out, "%s%s=", comma, print_type(value));
		print_value(value, arena, taking->out);
	}
	buf_puts(taking->out, ")");
}

void print_format(const char *format, const struct value *const *values, size_t n,
		  struct arena *arena, struct buf *out)
{
	struct taking taking = { .values = values, .n = n, .out = out };

	for (const char *at = format; *at; at++) {
		struct directive d = { .width = -1, .precision = -1, .arena = arena };
		size_t plain = strcspn(at, "%");
		const struct value *value;

		buf_add(out, at, plain);
		at += plain;
		if (!*at)
			break;
		at = read_directive(at + 1, &taking, &d);
		if (!d.verb) {
			buf_puts(out, "%!(NOVERB)");
			break;
		}
		value = d.verb == '%' ? NULL : take(&taking);
		if (d.verb == '%')
			buf_puts(out, "%");
		else if (value)
			print_one(&d, value, out);
		else
			buf_printf(out, "%%!%c(%s)", d.verb,
				   taking.by_number ? "BADINDEX" : "MISSING");
	}
	add_extra(&taking, arena);
}
