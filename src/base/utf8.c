/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shortest form only, no surrogates, nothing past U+10FFFF: what is accepted here, every other
 * reader accepts. Columns are counted from above: what may be wide counts twice, and what may be
 * combined with its neighbour counts.
 */
#include "base/utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS    "..."
#define WIDE_FROM   0x1100

size_t utf8_decode(const char *text, uint32_t *ret_code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)*text;
	size_t len = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	uint32_t code = len > 1 ? lead & (0x7fu >> len) : lead;

	if (lead == 0 || lead > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		unsigned char next = (unsigned char)text[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (next & 0x3f);
	}
	if (len == 0 || code < least[len] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	*ret_code = code;
	return len;
}

size_t utf8_count(const char *text)
{
	size_t n = 0;
	uint32_t code;

	for (size_t len; *text; text += len ? len : 1, n++)
		len = utf8_decode(text, &code);
	return n;
}

void utf8_add(struct buf *out, uint32_t code)
{
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	char text[5] = "";
	uint32_t same;

	for (size_t i = n; i-- > 1; code >>= 6)
		text[i] = (char)(0x80 | (code & 0x3f));
	text[0] = (char)(n == 1 ? code : (0xf00U >> n & 0xff) | code);
	if (utf8_decode(text, &same) == n)
		buf_add(out, text, n);
	else
		buf_puts(out, REPLACEMENT);
}

void utf8_add_valid(struct buf *out, const char *text)
{
	uint32_t code;

	while (*text) {
		size_t len = utf8_decode(text, &code);

		if (len)
			buf_add(out, text, len);
		else
			buf_puts(out, REPLACEMENT);
		text += len ? len : 1;
	}
}

/* What acts on the text around it instead of being seen. */
static bool is_hidden(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0, 0x1f },         { 0x7f, 0x9f },       { 0xad, 0xad },     { 0x61c, 0x61c },
		{ 0x180e, 0x180e },  { 0x200b, 0x200f },   { 0x2028, 0x202e }, { 0x2060, 0x206f },
		{ 0xfe00, 0xfe0f },  { 0xfeff, 0xfeff },   { 0xfff0, 0xfffb }, { 0xe0000, 0xe0fff },
		{ 0xe000, 0xf8ff },  { 0xf0000, 0x10ffff },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* The next piece of `text` as it is shown: its bytes in `piece`, its columns. Returns how much of
 * the text it is. */
static size_t next_piece(const char *text, char piece[20], size_t *ret_columns)
{
	uint32_t code = 0;
	size_t len = utf8_decode(text, &code);

	if (len && !is_hidden(code)) {
		memcpy(piece, text, len);
		piece[len] = '\0';
		*ret_columns = code < WIDE_FROM ? 1 : 2;
		return len;
	}
	len = len ? len : 1;
	for (size_t i = 0; i < len; i++)
		(void)snprintf(piece + 4 * i, 5, "\\x%02x", (unsigned)(unsigned char)text[i]);
	*ret_columns = 4 * len;
	return len;
}

/* Where "..." must begin if the text does not fit is remembered on the way. */
size_t utf8_add_printable(struct buf *out, const char *text, size_t columns)
{
	size_t room = columns < strlen(ELLIPSIS) ? columns : columns - strlen(ELLIPSIS);
	size_t used = 0, cut_used = 0, cut_len = out->len;

	while (*text) {
		char piece[20];
		size_t wide = 0, len = next_piece(text, piece, &wide);

		if (used + wide > columns) {
			out->len = cut_len;
			buf_add(out, ELLIPSIS, columns - room);
			return cut_used + columns - room;
		}
		buf_puts(out, piece);
		used += wide;
		text += len;
		if (used <= room) {
			cut_used = used;
			cut_len = out->len;
		}
	}
	return used;
}
