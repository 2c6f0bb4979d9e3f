/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records are scanned as they are written: members in this order, without blanks. One that somebody
 * else has written otherwise is read as any JSON is; its attributes are nobody's then. Records that
 * were written together have one time, which is understood once.
 */
#include "engine/log_line.h"

#include "base/utf8.h"
#include "oci/schema.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

static const char *const stream_names[LOG_STREAM_MAX_] = {
	[LOG_STDOUT] = "stdout",
	[LOG_STDERR] = "stderr",
};

bool log_line_ends(const struct log_line *line)
{
	return line->len > 0 && line->bytes[line->len - 1] == '\n';
}

/* ------------------------------------------------------------------------------- writing */

/* The length of the character at `p`, or 0. What is near the end is looked at in a copy. */
static size_t char_len(const char *p, const char *end)
{
	char last[5] = "";
	uint32_t code;

	if (end - p >= 4)
		return utf8_decode(p, &code);
	memcpy(last, p, (size_t)(end - p));
	return utf8_decode(last, &code);
}

size_t log_line_cut(const char *bytes)
{
	const char *cut = bytes + LOG_PIECE_BYTES;

	for (const char *p = cut - 1; p > cut - 4; p--)
		if (((unsigned char)*p & 0xc0) == 0xc0 && char_len(p, cut) == 0)
			return (size_t)(p - bytes);
	return LOG_PIECE_BYTES;
}

/* How many of these bytes stand in JSON as they are. */
static size_t count_plain(const char *bytes, const char *end)
{
	const char *p = bytes;

	while (p < end) {
		unsigned char c = (unsigned char)*p;
		size_t len = 1;

		if (c < 0x20 || c == '"' || c == '\\')
			break;
		if (c >= 0x80)
			len = char_len(p, end);
		if (!len)
			break;
		p += len;
	}
	return (size_t)(p - bytes);
}

static void add_escaped(struct buf *out, unsigned char c)
{
	static const char shorts[] = "\"\"\\\\\nn\rr\tt";
	static const char hex[] = "0123456789abcdef";
	char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

	for (const char *pair = shorts; *pair; pair += 2)
		if ((unsigned char)*pair == c) {
			text[1] = pair[1];
			buf_add(out, text, 2);
			return;
		}
	buf_add(out, c < 0x80 ? text : REPLACEMENT, c < 0x80 ? 6 : strlen(REPLACEMENT));
}

void log_line_format_end(struct buf *out, enum log_stream stream, const char *attrs,
			 const struct timespec *when)
{
	char time[TIMESTAMP_BYTES];

	timestamp_format(when, time);
	buf_puts(out, "\",\"stream\":\"");
	buf_puts(out, stream_names[stream]);
	if (attrs) {
		buf_puts(out, "\",\"attrs\":");
		buf_puts(out, attrs);
		buf_puts(out, ",\"time\":\"");
	} else {
		buf_puts(out, "\",\"time\":\"");
	}
	buf_puts(out, time);
	buf_puts(out, "\"}\n");
}

void log_line_format(struct buf *out, const char *bytes, size_t len, const struct buf *end)
{
	const char *p = bytes, *stop = bytes + len;

	buf_puts(out, "{\"log\":\"");
	while (p < stop) {
		size_t plain = count_plain(p, stop);

		buf_add(out, p, plain);
		p += plain;
		if (p < stop)
			add_escaped(out, (unsigned char)*p++);
	}
	buf_add(out, end->data, end->len);
}

/* ------------------------------------------------------------------------------- reading */

struct cursor {
	const char *p, *end;
};

static bool take(struct cursor *at, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(at->end - at->p) < len || memcmp(at->p, word, len) != 0)
		return false;
	at->p += len;
	return true;
}

/* Four hexadecimal digits, or -1. */
static int take_hex(struct cursor *at)
{
	int code = 0;

	if (at->end - at->p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)*at->p++;
		int digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

		if (digit < 0 || digit > 15 || (digit > 9 && (c | 0x20) < 'a'))
			return -1;
		code = code << 4 | digit;
	}
	return code;
}

static void add_code(struct buf *out, uint32_t code)
{
	char text[4];
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = len - 1; i > 0; i--, code >>= 6)
		text[i] = (char)(0x80 | (code & 0x3f));
	text[0] = (char)(lead[len] | code);
	buf_add(out, text, len);
}

/* What follows "\u": one unit of UTF-16, or two. Half of a pair is no character. */
static bool take_unit(struct cursor *at, struct buf *out)
{
	struct cursor next;
	int code = take_hex(at), low;

	if (code < 0)
		return false;
	if (code < 0xd800 || code > 0xdfff) {
		add_code(out, (uint32_t)code);
		return true;
	}
	next = *at;
	low = code < 0xdc00 && take(&next, "\\u") ? take_hex(&next) : -1;
	if (low < 0xdc00 || low > 0xdfff) {
		buf_puts(out, REPLACEMENT);
		return true;
	}
	add_code(out, 0x10000 + ((uint32_t)(code - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
	*at = next;
	return true;
}

/* What follows a backslash. */
static bool take_escape(struct cursor *at, struct buf *out)
{
	static const char pairs[] = "n\nr\rt\tb\bf\f\"\"\\\\//";
	char letter;

	if (at->p == at->end)
		return false;
	letter = *at->p++;
	if (letter == 'u')
		return take_unit(at, out);
	for (const char *pair = pairs; *pair; pair += 2)
		if (*pair == letter) {
			buf_add(out, pair + 1, 1);
			return true;
		}
	return false;
}

/* A string's text and its final quote. */
static bool take_text(struct cursor *at, struct buf *out)
{
	for (;;) {
		const char *p = at->p;

		while (p < at->end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
			p++;
		buf_add(out, at->p, (size_t)(p - at->p));
		at->p = p;
		if (take(at, "\""))
			return true;
		if (!take(at, "\\") || !take_escape(at, out))
			return false;
	}
}

/* An object, by its braces; what is in it is not looked at. */
static bool take_object(struct cursor *at, const char **ret, size_t *ret_len)
{
	bool in_string = false;
	int depth = 0;

	for (const char *p = at->p; p < at->end; p++) {
		if (*p == '"')
			in_string = !in_string;
		else if (*p == '\\' && in_string)
			p += p + 1 < at->end;
		else if (!in_string && *p == '{')
			depth++;
		else if (!in_string && *p == '}' && --depth == 0) {
			*ret = at->p;
			*ret_len = (size_t)(p + 1 - at->p);
			at->p = p + 1;
			return true;
		}
		if (depth == 0)
			return false;
	}
	return false;
}

static bool read_time(struct log_scanner *scanner, const char *text, size_t len)
{
	char time[TIMESTAMP_BYTES];

	if (len >= sizeof(time))
		return false;
	if (scanner->time[len] == '\0' && memcmp(scanner->time, text, len) == 0)
		return len > 0;
	memcpy(time, text, len);
	time[len] = '\0';
	if (timestamp_parse_any(time, &scanner->when) < 0) {
		scanner->time[0] = '\0';
		return false;
	}
	memcpy(scanner->time, time, len + 1);
	return true;
}

static bool take_time(struct cursor *at, struct log_scanner *scanner)
{
	const char *quote = memchr(at->p, '"', (size_t)(at->end - at->p));

	if (!quote || !read_time(scanner, at->p, (size_t)(quote - at->p)))
		return false;
	at->p = quote + 1;
	return true;
}

static bool take_stream(struct cursor *at, enum log_stream *ret)
{
	for (int i = 0; i < LOG_STREAM_MAX_; i++)
		if (take(at, stream_names[i])) {
			*ret = (enum log_stream)i;
			return true;
		}
	return false;
}

/* As log_line_format wrote it. */
static bool scan(struct cursor *at, struct log_scanner *scanner, struct log_line *ret)
{
	if (!take(at, "{\"log\":\"") || !take_text(at, &scanner->text) ||
	    !take(at, ",\"stream\":\"") || !take_stream(at, &ret->stream) || !take(at, "\""))
		return false;
	if (take(at, ",\"attrs\":") && !take_object(at, &ret->attrs, &ret->attrs_len))
		return false;
	return take(at, ",\"time\":\"") && take_time(at, scanner) && take(at, "}") &&
	       at->p == at->end;
}

/* ------------------------------------------------------------------------------- others' */

struct foreign {
	char *log, *stream, *time;
};

#define FOREIGN(member) \
	{ #member, SCHEMA_STRING, .flags = SCHEMA_REQUIRED, \
	  .offset = offsetof(struct foreign, member) }

static const struct schema_field foreign_fields[] = {
	FOREIGN(log),
	FOREIGN(stream),
	FOREIGN(time),
};
static const struct schema foreign_schema = SCHEMA(struct foreign, foreign_fields);

static bool read_foreign(const char *record, size_t len, struct log_scanner *scanner,
			 struct log_line *ret)
{
	auto_arena struct arena arena = {};
	struct foreign *foreign = NULL;
	struct cursor stream;
	struct err ignored;

	if (schema_parse(&foreign_schema, record, len, &arena, (void **)&foreign, &ignored) < 0)
		return false;
	stream = (struct cursor){ foreign->stream, foreign->stream + strlen(foreign->stream) };
	buf_puts(&scanner->text, foreign->log);
	return take_stream(&stream, &ret->stream) && stream.p == stream.end &&
	       read_time(scanner, foreign->time, strlen(foreign->time));
}

void log_scanner_done(struct log_scanner *scanner)
{
	buf_done(&scanner->text);
}

int log_line_parse(const char *record, size_t len, struct log_scanner *scanner,
		   struct log_line *ret)
{
	struct cursor at = { record, record + len };
	struct log_line line = {};

	scanner->text.len = 0;
	if (!scan(&at, scanner, &line)) {
		line = (struct log_line){};
		scanner->text.len = 0;
		if (!read_foreign(record, len, scanner, &line))
			return -EINVAL;
	}
	line.when = scanner->when;
	line.bytes = buf_str(&scanner->text);
	line.len = scanner->text.len;
	*ret = line;
	return 0;
}
