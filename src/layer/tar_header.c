/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Header blocks. Everything stands at a fixed place; the table of places is below. What is read
 * strictly is what changes the meaning of other bytes: checksum, size, type. Texts end at the first
 * NUL or fill their field.
 */
#include "layer/tar_header.h"

#include <errno.h>
#include <string.h>

struct place {
	size_t at, n;
};

static const struct place
	PATH = { 0, 100 }, MODE = { 100, 8 }, UID = { 108, 8 }, GID = { 116, 8 },
	BYTES = { 124, 12 }, MTIME = { 136, 12 }, CHECKSUM = { 148, 8 }, TYPE = { 156, 1 },
	TARGET = { 157, 100 }, MAGIC = { 257, 8 }, UNAME = { 265, 32 }, GNAME = { 297, 32 },
	MAJOR = { 329, 8 }, MINOR = { 337, 8 },
	PREFIX = { 345, 155 },       /* ustar */
	STAR_PREFIX = { 345, 131 },  /* star has times behind it, */
	STAR_TRAILER = { 508, 4 },   /* and signs at the end */
	GNU_ATIME = { 345, 12 };     /* GNU has times instead */

static const unsigned char *field(const unsigned char *block, struct place place)
{
	return block + place.at;
}

static void copy_text(const unsigned char *block, struct place place, char *out)
{
	size_t n = strnlen((const char *)field(block, place), place.n);

	memcpy(out, field(block, place), n);
	out[n] = '\0';
}

/* ------------------------------------------------------------------------------- numbers */

/* Two's complement, big end first; the top bit only says that it is of this kind. */
static int base256(const unsigned char *bytes, size_t n, int64_t *ret)
{
	unsigned char invert = bytes[0] & 0x40 ? 0xff : 0;
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char byte = bytes[i] ^ invert;

		if (i == 0)
			byte &= 0x7f;
		if (value >> 56)
			return -EBADMSG;
		value = value << 8 | byte;
	}
	if (value > INT64_MAX)
		return -EBADMSG;
	*ret = invert ? ~(int64_t)value : (int64_t)value;
	return 0;
}

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\0';
}

static int octal(const unsigned char *bytes, size_t n, int64_t *ret)
{
	uint64_t value = 0;
	size_t i = 0;

	while (i < n && is_blank(bytes[i]))
		i++;
	for (; i < n && bytes[i] >= '0' && bytes[i] <= '7'; i++) {
		if (value >> 60)
			return -EBADMSG;
		value = value << 3 | (uint64_t)(bytes[i] - '0');
	}
	while (i < n && bytes[i] == ' ')
		i++;
	if ((i < n && bytes[i] != '\0') || value > INT64_MAX)
		return -EBADMSG;
	*ret = (int64_t)value;
	return 0;
}

int tar_number(const unsigned char *bytes, size_t n, int64_t *ret)
{
	return n && bytes[0] & 0x80 ? base256(bytes, n, ret) : octal(bytes, n, ret);
}

/* ------------------------------------------------------------------------------- the block */

bool tar_block_is_zero(const unsigned char block[TAR_BLOCK])
{
	return block[0] == 0 && memcmp(block, block + 1, TAR_BLOCK - 1) == 0;
}

/* The sum of all bytes, that of the sum itself being blanks; some writers took them as signed. */
static bool is_checksum_right(const unsigned char *block)
{
	int64_t said, is_unsigned = 0, is_signed = 0;

	if (octal(field(block, CHECKSUM), CHECKSUM.n, &said) < 0)
		return false;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		bool is_sum = i >= CHECKSUM.at && i < CHECKSUM.at + CHECKSUM.n;
		unsigned char byte = is_sum ? ' ' : block[i];

		is_unsigned += byte;
		is_signed += (signed char)byte;
	}
	return said == is_unsigned || said == is_signed;
}

static enum tar_format format_of(const unsigned char *block)
{
	if (memcmp(field(block, MAGIC), "ustar  ", 8) == 0)
		return TAR_GNU;
	if (memcmp(field(block, MAGIC), "ustar", 6) != 0)
		return TAR_V7;
	return memcmp(field(block, STAR_TRAILER), "tar", 4) == 0 ? TAR_STAR : TAR_USTAR;
}

/* Go's library wrote a prefix into GNU headers until 2017: then what should be a time is none. */
static bool is_prefix_in_gnu(const unsigned char *block)
{
	int64_t time;

	return tar_number(field(block, GNU_ATIME), GNU_ATIME.n, &time) < 0;
}

static void copy_path(const unsigned char *block, struct tar_header *header)
{
	char *end = header->path;
	struct place prefix = { 0, 0 };

	if (header->format == TAR_USTAR || (header->format == TAR_GNU && is_prefix_in_gnu(block)))
		prefix = PREFIX;
	if (header->format == TAR_STAR)
		prefix = STAR_PREFIX;
	copy_text(block, prefix, header->path);
	if (header->path[0]) {
		end += strlen(header->path);
		*end++ = '/';
	}
	copy_text(block, PATH, end);
}

static int take_number(const unsigned char *block, struct place place, int64_t *ret)
{
	return tar_number(field(block, place), place.n, ret);
}

static const char *take_numbers(const unsigned char *block, struct tar_header *header)
{
	bool is_device = header->type == '3' || header->type == '4';

	if (take_number(block, BYTES, &header->bytes) < 0 || header->bytes < 0)
		return "its size is no number";
	if (take_number(block, MODE, &header->mode) < 0)
		return "its mode is no number";
	if (take_number(block, UID, &header->uid) < 0 || take_number(block, GID, &header->gid) < 0)
		return "its owner is no number";
	if (take_number(block, MTIME, &header->mtime) < 0)
		return "its time is no number";
	if (is_device && (take_number(block, MAJOR, &header->major) < 0 ||
			  take_number(block, MINOR, &header->minor) < 0))
		return "its device is no number";
	return NULL;
}

int tar_header_parse(const unsigned char block[TAR_BLOCK], struct tar_header *ret,
		     const char **ret_reason)
{
	struct tar_header header = { .format = format_of(block), .type = (char)block[TYPE.at] };

	*ret_reason = is_checksum_right(block) ? take_numbers(block, &header)
					       : "no header of an archive, or damaged";
	if (*ret_reason)
		return -EBADMSG;
	copy_path(block, &header);
	copy_text(block, TARGET, header.target);
	if (header.format != TAR_V7) {
		copy_text(block, UNAME, header.uname);
		copy_text(block, GNAME, header.gname);
	}
	*ret = header;
	return 0;
}
