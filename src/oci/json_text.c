/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser (json-c) is fast and checks less than foreign bytes need: of two members with one name
 * it keeps the last, and it lets "\u0000" end a C string early. So every document passes one cheap
 * scan first, which counts its members and refuses NULs; a tree with fewer members than the text
 * had a duplicate. Only then, and for syntax errors, the slower walker below is used: it keeps the
 * stack of keys and indices and so can say where something is.
 */
#include "oci/json_text.h"

#include "base/arena.h"

#include <stdbool.h>
#include <string.h>

/* The index behind the digits that start at `i`, or 0 when no integer of ours can hold them. */
static size_t skip_digits(const char *json, size_t len, size_t i)
{
	bool negative = i > 0 && json[i - 1] == '-';
	const char *largest = negative ? "9223372036854775808" : "18446744073709551615";
	size_t start = i, digits, limit = strlen(largest);

	while (i < len && json[i] >= '0' && json[i] <= '9')
		i++;
	digits = i - start;
	if (digits > limit || (digits == limit && memcmp(json + start, largest, limit) > 0))
		return 0;
	return i;
}

/* How many bytes the UTF-8 sequence at `p` has (RFC 3629: not overlong, no surrogates), or 0. */
static size_t utf8_length(const unsigned char *p, size_t len)
{
	static const struct {
		unsigned char first, last, second_min, second_max, length;
	} rows[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (p[0] < rows[i].first || p[0] > rows[i].last || rows[i].length > len)
			continue;
		if (p[1] < rows[i].second_min || p[1] > rows[i].second_max)
			return 0;
		for (size_t k = 2; k < rows[i].length; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].length;
	}
	return 0;
}

/* The index of the quote that ends the string opened at `i`; what is refused in it, in *reason. */
static size_t skip_string(const char *json, size_t len, size_t i, const char **reason)
{
	for (i++; i < len && json[i] != '"'; i++) {
		if (json[i] == '\0')
			*reason = "a NUL byte";
		if (json[i] & 0x80) {
			size_t n = utf8_length((const unsigned char *)json + i, len - i);

			if (!n)
				*reason = "invalid UTF-8";
			i += n ? n - 1 : 0;
		}
		if (json[i] != '\\')
			continue;
		if (len - i > 5 && memcmp(json + i, "\\u0000", 6) == 0)
			*reason = "a NUL in a string";
		i++;
	}
	return i;
}

int json_text_check(const char *json, size_t len, size_t *ret_members, struct err *err)
{
	size_t members = 0, depth = 0, end;
	const char *reason = NULL;

	if (len > JSON_TEXT_MAX_BYTES)
		return err_set(err, ERR_USAGE, EINVAL, "the document is larger than %zu bytes",
			       JSON_TEXT_MAX_BYTES);
	for (size_t i = 0; i < len; i++) {
		switch (json[i]) {
		case '\0':
			reason = "a NUL byte";
			break;
		case '"':
			end = skip_string(json, len, i, &reason);
			if (!reason)
				i = end;
			break;
		case ':':
			members++;
			break;
		case '{':
		case '[':
			if (++depth > JSON_TEXT_MAX_DEPTH)
				reason = "nested too deeply";
			break;
		case '}':
		case ']':
			depth -= depth > 0;
			break;
		case '0' ... '9':
			end = skip_digits(json, len, i);
			if (end)
				i = end - 1;
			else
				reason = "the number is out of range";
			break;
		}
		if (reason)
			return json_text_refuse(json, len, i, reason, err);
	}
	*ret_members = members;
	return 0;
}

/* -------------------------------------------------------------------------- the slow walker */

struct key {
	const struct key *earlier;
	const char *name;
	size_t len;
};

/* One open object or array. */
struct level {
	bool is_array, wants_key;
	size_t index;
	const struct key *keys; /* of an object, the newest first */
};

struct walk {
	struct arena arena;
	struct level levels[JSON_TEXT_MAX_DEPTH + 1];
	size_t depth, line;
	bool duplicate; /* the newest key was there before */
};

static const char *string_end(const char *p, const char *end)
{
	for (; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p : end;
}

static bool is_repeated(const struct key *keys, const char *name, size_t len)
{
	for (; keys; keys = keys->earlier)
		if (keys->len == len && memcmp(keys->name, name, len) == 0)
			return true;
	return false;
}

static void walk_key(struct walk *walk, const char *name, size_t len)
{
	struct level *level = &walk->levels[walk->depth];
	struct key *key = arena_new(&walk->arena, struct key);

	walk->duplicate = is_repeated(level->keys, name, len);
	*key = (struct key){ .earlier = level->keys, .name = name, .len = len };
	level->keys = key;
	level->wants_key = false;
}

static void walk_punctuation(struct walk *walk, char c)
{
	struct level *level = &walk->levels[walk->depth];

	switch (c) {
	case '\n':
		walk->line++;
		break;
	case '{':
	case '[':
		if (walk->depth < JSON_TEXT_MAX_DEPTH)
			walk->depth++;
		walk->levels[walk->depth] =
			(struct level){ .is_array = c == '[', .wants_key = c == '{' };
		break;
	case '}':
	case ']':
		if (walk->depth)
			walk->depth--;
		break;
	case ',':
		level->index++;
		level->wants_key = !level->is_array;
		break;
	}
}

/* Walk up to `offset`, or to the first duplicate key if that comes first. */
static void walk_text(struct walk *walk, const char *json, size_t offset)
{
	const char *end = json + offset;

	for (const char *p = json; p < end && !walk->duplicate; p++) {
		const char *name = p + 1;

		if (*p != '"') {
			walk_punctuation(walk, *p);
			continue;
		}
		p = string_end(name, end);
		if (walk->depth && walk->levels[walk->depth].wants_key)
			walk_key(walk, name, (size_t)(p - name));
	}
}

static void walk_path(const struct walk *walk, struct buf *out)
{
	for (size_t i = 1; i <= walk->depth; i++) {
		const struct level *level = &walk->levels[i];

		if (level->is_array)
			buf_printf(out, "[%zu]", level->index);
		else if (level->keys)
			buf_printf(out, "%s%.*s", out->len ? "." : "",
				   (int)(level->keys->len < 64 ? level->keys->len : 64),
				   level->keys->name);
	}
}

static int walk_refuse(struct walk *walk, const char *reason, struct err *err)
{
	auto_buf struct buf path = {};

	walk_path(walk, &path);
	arena_done(&walk->arena);
	return err_set(err, ERR_USAGE, EINVAL, "%s%s(line %zu): %s", buf_str(&path),
		       path.len ? " " : "", walk->line, reason);
}

int json_text_refuse(const char *json, size_t len, size_t offset, const char *reason,
		     struct err *err)
{
	struct walk walk = { .line = 1 };

	walk_text(&walk, json, offset < len ? offset : len);
	return walk_refuse(&walk, reason, err);
}

int json_text_refuse_duplicate(const char *json, size_t len, struct err *err)
{
	struct walk walk = { .line = 1 };

	walk_text(&walk, json, len);
	if (!walk.duplicate)
		return walk_refuse(&walk, "a member is given twice", err);
	return walk_refuse(&walk, "given twice", err);
}

static void break_line(struct buf *out, int depth)
{
	buf_puts(out, "\n");
	for (int i = 0; i < depth; i++)
		buf_puts(out, "\t");
}

/* A string from its first quote on. Returns its last quote. */
static const char *copy_string(struct buf *out, const char *json)
{
	const char *end = json + 1;

	while (*end && *end != '"')
		end += *end == '\\' && end[1] ? 2 : 1;
	buf_add(out, json, (size_t)(end - json) + (*end == '"'));
	return *end ? end : end - 1;
}

void json_text_indent(struct buf *out, const char *json)
{
	int depth = 0;

	for (; *json; json++) {
		bool is_empty = json[1] == (*json == '{' ? '}' : ']');

		if (*json == '"') {
			json = copy_string(out, json);
			continue;
		}
		if ((*json == '}' || *json == ']') && json[-1] != '{' && json[-1] != '[')
			break_line(out, --depth);
		buf_add(out, json, 1);
		if ((*json == '{' || *json == '[') && !is_empty)
			break_line(out, ++depth);
		else if (*json == ',')
			break_line(out, depth);
		else if (*json == ':')
			buf_puts(out, " ");
	}
}

void json_text_quote(struct buf *out, const char *str)
{
	buf_add(out, "\"", 1);
	for (const char *p = str; *p; p++) {
		size_t plain = strcspn(p, "\"\\\x01\x02\x03\x04\x05\x06\x07\b\t\n\x0b\f\r\x0e\x0f"
					  "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c"
					  "\x1d\x1e\x1f");

		buf_add(out, p, plain);
		p += plain;
		if (!*p)
			break;
		if (*p == '"' || *p == '\\')
			buf_printf(out, "\\%c", *p);
		else if (*p == '\n')
			buf_puts(out, "\\n");
		else if (*p == '\t')
			buf_puts(out, "\\t");
		else
			buf_printf(out, "\\u%04x", (unsigned)*p);
	}
	buf_add(out, "\"", 1);
}
