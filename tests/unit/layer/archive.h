/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Archives made by hand, for claims about archives that no tool would write. A member that is given
 * by its path alone is a plain file of root's.
 */

#include "base/buf.h"
#include "tap.h"

#include <stdint.h>

struct member {
	const char *path;
	char type;           /* 0: '0' */
	const char *target;
	unsigned mode;       /* 0: 0644, of a directory 0755 */
	unsigned uid, gid;
	int64_t mtime;
	const char *data;    /* a text; or of `bytes` bytes */
	size_t bytes;
	unsigned major, minor;
	const char *magic;   /* NULL: "ustar\0" "00" */
	const char *prefix;
	bool is_signed;      /* the checksum is */
	const char *size_field; /* instead of `bytes`, 12 bytes */
};

static inline void archive_pad(struct buf *archive)
{
	static const char zeros[512];

	buf_add(archive, zeros, -archive->len % 512);
}

static inline void archive_seal(unsigned char block[512], bool is_signed)
{
	char digits[8];
	int sum = 0;

	memset(block + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += is_signed ? (signed char)block[i] : block[i];
	(void)snprintf(digits, sizeof(digits), "%06o", (unsigned)sum & 0777777);
	memcpy(block + 148, digits, 7);
}

static inline void archive_block(const struct member *m, unsigned char block[512])
{
	size_t bytes = m->data && !m->bytes ? strlen(m->data) : m->bytes;
	unsigned mode = m->mode ? m->mode : m->type == '5' ? 0755 : 0644;
	const char *magic = m->magic ? m->magic : "ustar\00000";
	char text[32];

	memset(block, 0, 512);
	memcpy(block, m->path, strnlen(m->path, 100));
#define PUT(at, width, value)                                                             \
	((void)snprintf(text, sizeof(text), "%0*llo", (width)-1, (unsigned long long)(value)), \
	 memcpy(block + (at), text, (width)-1))
	PUT(100, 8, mode);
	PUT(108, 8, m->uid);
	PUT(116, 8, m->gid);
	PUT(124, 12, bytes);
	PUT(136, 12, m->mtime);
	PUT(329, 8, m->major);
	PUT(337, 8, m->minor);
#undef PUT
	if (m->size_field)
		memcpy(block + 124, m->size_field, 12);
	block[156] = (unsigned char)(m->type ? m->type : '0');
	if (m->target)
		memcpy(block + 157, m->target, strnlen(m->target, 100));
	memcpy(block + 257, magic, 8);
	if (m->prefix)
		memcpy(block + 345, m->prefix, strnlen(m->prefix, 155));
	archive_seal(block, m->is_signed);
}

static inline void archive_add_member(struct buf *archive, const struct member *m)
{
	unsigned char block[512];

	archive_block(m, block);
	buf_add(archive, block, sizeof(block));
	if (m->data)
		buf_add(archive, m->data, m->bytes ? m->bytes : strlen(m->data));
	archive_pad(archive);
}

#define archive_add(archive, ...) archive_add_member(archive, &(const struct member){ __VA_ARGS__ })

/* Append the record KEY=VALUE to the text of an extended header. */
static inline void archive_record_bytes(struct buf *records, const char *key, const void *value,
					size_t n)
{
	size_t rest = strlen(key) + n + 3, len = rest + 1;

	while (len != rest + (size_t)snprintf(NULL, 0, "%zu", len))
		len++;
	buf_printf(records, "%zu %s=", len, key);
	buf_add(records, value, n);
	buf_puts(records, "\n");
}

static inline void archive_record(struct buf *records, const char *key, const char *value)
{
	archive_record_bytes(records, key, value, strlen(value));
}

/* An extended header of `type`, with these records or names. */
static inline void archive_extend(struct buf *archive, char type, const struct buf *data)
{
	archive_add(archive, .path = "extended", .type = type, .data = data->data,
		    .bytes = data->len);
}

/* The same, of a single record. */
static inline void archive_pax(struct buf *archive, const char *key, const char *value)
{
	auto_buf struct buf records = {};

	archive_record(&records, key, value);
	archive_extend(archive, 'x', &records);
}

/* GNU's long name. */
static inline void archive_long(struct buf *archive, char type, const char *name)
{
	archive_add(archive, .path = "././@LongLink", .type = type, .magic = "ustar  ",
		    .data = name, .bytes = strlen(name) + 1);
}

static inline void archive_end(struct buf *archive)
{
	static const char zeros[1024];

	buf_add(archive, zeros, sizeof(zeros));
}
