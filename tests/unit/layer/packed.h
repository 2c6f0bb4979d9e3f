/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Compressed bytes for claims about decompression, and files that hold them. */

#include "base/buf.h"
#include "tap.h"

#include <stdint.h>
#include <sys/mman.h>
#include <zlib.h>
#include <zstd.h>

/* Text that compresses somewhat, the same each time. */
static inline void packed_text(struct buf *out, size_t n)
{
	uint32_t seed = 1;

	while (out->len < n) {
		seed = seed * 1664525 + 1013904223;
		buf_printf(out, "%x ", seed >> (seed >> 28));
	}
	out->len = n;
}

/* Append one member; `header` may be NULL. */
static inline bool packed_gzip(struct buf *out, const void *bytes, size_t n, gz_header *header)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)n };
	uLong cap;
	auto_free Bytef *room = NULL;
	bool ok;

	if (deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	if (header)
		(void)deflateSetHeader(&z, header);
	cap = deflateBound(&z, n) + 256;
	room = malloc(cap);
	z.next_out = room;
	z.avail_out = (uInt)cap;
	ok = room && deflate(&z, Z_FINISH) == Z_STREAM_END;
	if (ok)
		buf_add(out, room, z.total_out);
	(void)deflateEnd(&z);
	return ok;
}

static inline bool packed_zstd(struct buf *out, const void *bytes, size_t n)
{
	size_t cap = ZSTD_compressBound(n);
	auto_free char *room = malloc(cap);
	size_t len = room ? ZSTD_compress(room, cap, bytes, n, 3) : 0;

	if (!room || ZSTD_isError(len))
		return false;
	buf_add(out, room, len);
	return true;
}

/* A file with these bytes. */
static inline int packed_file(const struct buf *bytes)
{
	int fd = memfd_create("packed", MFD_CLOEXEC);
	struct err err;

	if (fd >= 0 && buf_write_fd(bytes, fd, "packed", &err) < 0)
		closep(&fd);
	return fd;
}
