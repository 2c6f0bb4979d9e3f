/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text form of values, as far as properties of units need it: words of types in front of
 * values, "@" and a signature, numbers, strings, arrays, tuples. A number without a word is an
 * int32, or a double when it has a point. 8 levels are the most: the text is foreign.
 */
#include "systemd/gvariant.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 8

struct reader {
	const char *p;
	struct arena *arena;
	unsigned depth;
};

static int read_value(struct reader *in, const char *want, struct gvariant **ret);

static void skip_blanks(struct reader *in)
{
	in->p += strspn(in->p, " \t\n");
}

static bool take_char(struct reader *in, char c)
{
	skip_blanks(in);
	if (*in->p != c)
		return false;
	in->p++;
	return true;
}

/* The length of the one complete type that a signature begins with; 0 when it doesn't. */
static size_t type_len(const char *signature, unsigned depth)
{
	size_t len = 1, part;

	if (depth > DEPTH_MAX || !*signature)
		return 0;
	if (strchr("bynqiuxtdsog", *signature))
		return 1;
	if (*signature == 'a') {
		part = type_len(signature + 1, depth + 1);
		return part ? 1 + part : 0;
	}
	if (*signature != '(')
		return 0;
	while (signature[len] != ')') {
		part = type_len(signature + len, depth + 1);
		if (!part)
			return 0;
		len += part;
	}
	return len + 1;
}

/* ------------------------------------------------------------------------------------ leaves */

static const struct {
	char type;
	int64_t min;
	uint64_t max;
} ranges[] = {
	{ 'y', 0, UINT8_MAX },	       { 'n', INT16_MIN, INT16_MAX }, { 'q', 0, UINT16_MAX },
	{ 'i', INT32_MIN, INT32_MAX }, { 'u', 0, UINT32_MAX },	      { 'x', INT64_MIN, INT64_MAX },
	{ 't', 0, UINT64_MAX },
};

static int set_integer(const char *text, struct gvariant *value)
{
	size_t i = 0;

	while (i < sizeof(ranges) / sizeof(*ranges) && ranges[i].type != value->type)
		i++;
	if (i == sizeof(ranges) / sizeof(*ranges))
		return -EINVAL;
	if (ranges[i].min == 0)
		return num_parse_u64(text, &value->natural) == 0 &&
				       value->natural <= ranges[i].max
			       ? 0
			       : -ERANGE;
	if (num_parse_i64(text, &value->number) < 0 || value->number < ranges[i].min ||
	    (value->number > 0 && (uint64_t)value->number > ranges[i].max))
		return -ERANGE;
	return 0;
}

static int read_number(struct reader *in, char type, struct gvariant *value)
{
	size_t len = strspn(in->p, "+-.0123456789eE");
	char text[64], *end;

	if (len == 0 || len >= sizeof(text))
		return -EINVAL;
	memcpy(text, in->p, len);
	text[len] = '\0';
	in->p += len;
	value->type = type ? type : strpbrk(text, ".eE") ? 'd' : 'i';
	if (value->type != 'd')
		return set_integer(text, value);
	value->real = strtod(text, &end);
	return *end ? -EINVAL : 0;
}

static int read_string(struct reader *in, char type, struct gvariant *value)
{
	char quote = *in->p++, *to;

	value->type = type ? type : 's';
	if (!strchr("sog", value->type))
		return -EINVAL;
	to = arena_alloc(in->arena, strlen(in->p) + 1);
	value->string = to;
	for (; *in->p != quote; in->p++) {
		if (*in->p == '\\')
			in->p++;
		if (!*in->p)
			return -EINVAL;
		*to++ = *in->p;
	}
	in->p++;
	return 0;
}

static int read_boolean(struct reader *in, char type, struct gvariant *value)
{
	bool is_true = strncmp(in->p, "true", 4) == 0;

	if ((!is_true && strncmp(in->p, "false", 5) != 0) || (type && type != 'b'))
		return -EINVAL;
	in->p += is_true ? 4 : 5;
	value->type = 'b';
	value->boolean = is_true;
	return 0;
}

/* -------------------------------------------------------------------------------- containers */

/* Items up to `close`. Each is of type `each` if that is set; else `next` holds types to come. */
static int read_items(struct reader *in, char close, const char *each, const char *next,
		      struct gvariant *value)
{
	while (!take_char(in, close)) {
		char want[GVARIANT_SIGNATURE_MAX];
		const char *from = each ? each : next;
		size_t len = from ? type_len(from, 0) : 0;
		struct gvariant *item;

		if (from && (len == 0 || len >= sizeof(want)))
			return -EINVAL;
		if (from)
			memcpy(want, from, len);
		want[len] = '\0';
		if (value->first && !take_char(in, ','))
			return -EINVAL;
		/* "(1,)" is how a tuple of one is written. */
		if (close == ')' && value->first && take_char(in, close))
			break;
		if (read_value(in, from ? want : NULL, &item) < 0)
			return -EINVAL;
		next = next ? next + len : NULL;
		gvariant_add(value, item);
	}
	return 0;
}

/* Arrays whose type nothing says have that of their first item, and the others must agree. */
static int settle_element(struct gvariant *array)
{
	if (!array->first || gvariant_signature(array->first, array->element) < 0)
		return -EINVAL;
	for (const struct gvariant *item = array->first->next; item; item = item->next) {
		char other[GVARIANT_SIGNATURE_MAX];

		if (gvariant_signature(item, other) < 0 || strcmp(other, array->element) != 0)
			return -EINVAL;
	}
	return 0;
}

static int read_array(struct reader *in, const char *want, struct gvariant *value)
{
	in->p++;
	value->type = 'a';
	if (!want)
		return read_items(in, ']', NULL, NULL, value) < 0 ? -EINVAL : settle_element(value);
	if (*want != 'a')
		return -EINVAL;
	memcpy(value->element, want + 1, strlen(want + 1) + 1);
	return read_items(in, ']', value->element, NULL, value);
}

static int read_tuple(struct reader *in, const char *want, struct gvariant *value)
{
	char got[GVARIANT_SIGNATURE_MAX];

	in->p++;
	value->type = '(';
	if (want && *want != '(')
		return -EINVAL;
	if (read_items(in, ')', NULL, want ? want + 1 : NULL, value) < 0 || !value->first ||
	    gvariant_signature(value, got) < 0)
		return -EINVAL;
	return want && strcmp(want, got) != 0 ? -EINVAL : 0;
}

/* ------------------------------------------------------------------------------------- value */

/* "uint64 " or "@as " in front of a value; "" when there is none of them. */
static int read_type(struct reader *in, char ret[GVARIANT_SIGNATURE_MAX])
{
	static const struct {
		const char *word, *signature;
	} words[] = {
		{ "boolean", "b" },	{ "byte", "y" },      { "int16", "n" },	 { "uint16", "q" },
		{ "int32", "i" },	{ "uint32", "u" },    { "int64", "x" },	 { "uint64", "t" },
		{ "double", "d" },	{ "string", "s" },    { "objectpath", "o" },
		{ "signature", "g" },
	};
	size_t len = strcspn(in->p, " \t\n");

	ret[0] = '\0';
	if (*in->p == '@') {
		if (len - 1 == 0 || len - 1 >= GVARIANT_SIGNATURE_MAX ||
		    type_len(in->p + 1, 0) != len - 1)
			return -EINVAL;
		memcpy(ret, in->p + 1, len - 1);
		ret[len - 1] = '\0';
		in->p += len;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i].word) == len && strncmp(words[i].word, in->p, len) == 0) {
			memcpy(ret, words[i].signature, 2);
			in->p += len;
			break;
		}
	skip_blanks(in);
	return 0;
}

static int read_typed(struct reader *in, const char *want, struct gvariant *value)
{
	char type = want ? *want : '\0';

	if (*in->p == '[')
		return read_array(in, want, value);
	if (*in->p == '(')
		return read_tuple(in, want, value);
	if (want && want[1])
		return -EINVAL;
	if (*in->p == '\'' || *in->p == '"')
		return read_string(in, type, value);
	if (*in->p && strchr("+-.0123456789", *in->p))
		return read_number(in, type, value);
	return read_boolean(in, type, value);
}

static int read_value(struct reader *in, const char *want, struct gvariant **ret)
{
	struct gvariant *value = arena_new(in->arena, struct gvariant);
	char type[GVARIANT_SIGNATURE_MAX];
	int r;

	if (in->depth >= DEPTH_MAX)
		return -EINVAL;
	skip_blanks(in);
	if (read_type(in, type) < 0 || (want && *type && strcmp(want, type) != 0))
		return -EINVAL;
	in->depth++;
	r = read_typed(in, *type ? type : want, value);
	in->depth--;
	*ret = value;
	return r;
}

int gvariant_parse(const char *text, struct arena *arena, struct gvariant **ret, struct err *err)
{
	struct reader in = { .p = text, .arena = arena };
	struct gvariant *value;

	if (read_value(&in, NULL, &value) == 0) {
		skip_blanks(&in);
		if (!*in.p) {
			*ret = value;
			return 0;
		}
	}
	return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no value as GVariant writes them", text);
}
