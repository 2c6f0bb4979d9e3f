/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of archives. In front of an entry may stand others that only describe it: a PAX header
 * ('x'), GNU's long names ('L', 'K'). They are collected until a real one comes, and belong to that
 * one alone; none of them says anything about another of them. Contents are handed out where they
 * lie in the input's piece; only a block across two pieces is copied.
 */
#include "layer/tar_read.h"

#include "base/num.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#define MAX_EXTENDED_BYTES (1 << 20)
#define MAX_ID (UINT32_MAX - 1)

void tar_init(struct tar_reader *reader, const struct tar_input *input)
{
	*reader = (struct tar_reader){ .input = *input };
}

void tar_done(struct tar_reader *reader)
{
	tar_pax_done(&reader->pax);
	buf_done(&reader->pax_bytes);
	buf_done(&reader->long_path);
	buf_done(&reader->long_target);
	buf_done(&reader->global);
}

__attribute__((format(printf, 3, 4))) static int malformed(struct tar_reader *reader,
							    struct err *err, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(err, ERR_USAGE, EBADMSG, "archive, at byte %llu: %s",
		       (unsigned long long)reader->offset, text);
}

static int breaks_off(struct tar_reader *reader, struct err *err)
{
	return malformed(reader, err, "it breaks off");
}

/* ------------------------------------------------------------------------------- bytes */

static void move_on(struct tar_reader *reader, size_t n)
{
	reader->at += n;
	reader->left -= n;
	reader->offset += n;
}

/* See to it that there is something at `at`: 1, or 0 at the end of the input. */
static int fill(struct tar_reader *reader, struct err *err)
{
	const void *bytes;
	ssize_t n;

	if (reader->left > 0)
		return 1;
	n = reader->input.next(reader->input.context, &bytes, err);
	if (n <= 0)
		return (int)n;
	reader->at = bytes;
	reader->left = (size_t)n;
	return 1;
}

/* The next block: 1, or 0 at the end of the input. */
static int take_block(struct tar_reader *reader, const unsigned char **ret, struct err *err)
{
	size_t have = 0;

	if (reader->left >= TAR_BLOCK) {
		*ret = reader->at;
		move_on(reader, TAR_BLOCK);
		return 1;
	}
	while (have < TAR_BLOCK) {
		int r = fill(reader, err);
		size_t n = TAR_BLOCK - have < reader->left ? TAR_BLOCK - have : reader->left;

		if (r < 0)
			return r;
		if (r == 0)
			return have ? breaks_off(reader, err) : 0;
		memcpy(reader->block + have, reader->at, n);
		move_on(reader, n);
		have += n;
	}
	*ret = reader->block;
	return 1;
}

static int take_whole_block(struct tar_reader *reader, const unsigned char **ret, struct err *err)
{
	int r = take_block(reader, ret, err);

	return r == 0 ? breaks_off(reader, err) : r;
}

/* Skip *n bytes: 1, or 0 when the input ends before. */
static int skip(struct tar_reader *reader, uint64_t *n, struct err *err)
{
	if (*n > reader->left && reader->input.skip) {
		uint64_t beyond = *n - reader->left;

		reader->offset += *n;
		reader->left = 0;
		*n = 0;
		return reader->input.skip(reader->input.context, beyond, err);
	}
	while (*n > 0) {
		int r = fill(reader, err);
		size_t step = *n < reader->left ? (size_t)*n : reader->left;

		if (r <= 0)
			return r;
		move_on(reader, step);
		*n -= step;
	}
	return 1;
}

/* Contents that describe another entry, whole. */
static int take_extended(struct tar_reader *reader, const struct tar_header *header,
			 struct buf *ret, struct err *err)
{
	uint64_t left = (uint64_t)header->bytes, padding = -left % TAR_BLOCK;

	if (left > MAX_EXTENDED_BYTES)
		return malformed(reader, err, "an extended header of %llu bytes",
				 (unsigned long long)left);
	ret->len = 0;
	while (left > 0) {
		int r = fill(reader, err);
		size_t n = left < reader->left ? (size_t)left : reader->left;

		if (r <= 0)
			return r < 0 ? r : breaks_off(reader, err);
		buf_add(ret, reader->at, n);
		move_on(reader, n);
		left -= n;
	}
	return skip(reader, &padding, err);
}

/* ------------------------------------------------------------------------------- descriptions */

static void forget_descriptions(struct tar_reader *reader)
{
	tar_pax_reset(&reader->pax);
	reader->long_path.len = 0;
	reader->long_target.len = 0;
}

static int take_records(struct tar_reader *reader, const struct tar_header *header,
			struct tar_pax *pax, struct buf *bytes, struct err *err)
{
	int r = take_extended(reader, header, bytes, err);

	if (r < 0)
		return r;
	tar_pax_reset(pax);
	r = tar_pax_parse(pax, bytes->data, bytes->len, err);
	return r < 0 ? err_wrap(err, "archive, at byte %llu", (unsigned long long)reader->offset)
		     : 0;
}

static int take_global(struct tar_reader *reader, const struct tar_header *header, struct err *err)
{
	struct tar_pax ignored = {};
	int r = take_records(reader, header, &ignored, &reader->global, err);

	tar_pax_done(&ignored);
	return r;
}

/* 1: it was one that only describes another, 0: it was none. */
static int take_description(struct tar_reader *reader, const struct tar_header *header,
			    struct err *err)
{
	int r;

	switch (header->type) {
	case 'x':
		r = take_records(reader, header, &reader->pax, &reader->pax_bytes, err);
		break;
	case 'g':
		r = take_global(reader, header, err);
		break;
	case 'L':
		r = take_extended(reader, header, &reader->long_path, err);
		break;
	case 'K':
		r = take_extended(reader, header, &reader->long_target, err);
		break;
	default:
		return 0;
	}
	return r < 0 ? r : 1;
}

/* ------------------------------------------------------------------------------- sparse files */

/* The old format: four pairs in the header, more of them in blocks behind it. */
static int take_old_map(struct tar_reader *reader, const unsigned char *block, int64_t *ret_bytes,
			struct err *err)
{
	struct tar_sparse *map = &reader->pax.map;
	bool has_more = block[482];

	tar_sparse_reset(map);
	if (reader->header.format != TAR_GNU ||
	    tar_number(block + 483, 12, ret_bytes) < 0 || *ret_bytes < 0 ||
	    tar_sparse_add_fields(map, block + 386, 4) < 0)
		return malformed(reader, err, "malformed map of a sparse file");
	while (has_more) {
		int r = take_whole_block(reader, &block, err);

		if (r < 0)
			return r;
		if (tar_sparse_add_fields(map, block, 21) < 0)
			return malformed(reader, err, "malformed map of a sparse file");
		has_more = block[504];
	}
	return 0;
}

/* One number of a map of PAX 1.0, a line in the contents: *at of *block, and of those after it. */
static int take_line(struct tar_reader *reader, const unsigned char **block, size_t *at,
		     uint64_t *ret, struct err *err)
{
	char digits[24];
	size_t len = 0;

	for (;;) {
		if (*at == TAR_BLOCK) {
			int r = reader->data_left < TAR_BLOCK
					? breaks_off(reader, err)
					: take_whole_block(reader, block, err);

			if (r < 0)
				return r;
			reader->data_left -= TAR_BLOCK;
			*at = 0;
		}
		digits[len] = (char)(*block)[(*at)++];
		if (digits[len] == '\n')
			break;
		if (++len == sizeof(digits))
			return malformed(reader, err, "malformed map of a sparse file");
	}
	digits[len] = '\0';
	return num_parse_u64(digits, ret) < 0
		       ? malformed(reader, err, "malformed map of a sparse file")
		       : 0;
}

/* PAX 1.0: the contents begin with how many extents there are, then these, filled up to a block. */
static int take_map_in_data(struct tar_reader *reader, struct err *err)
{
	const unsigned char *block = NULL;
	size_t at = TAR_BLOCK;
	uint64_t n, number;
	int r;

	tar_sparse_reset(&reader->pax.map);
	r = take_line(reader, &block, &at, &n, err);
	if (r < 0)
		return r;
	if (n > TAR_MAX_EXTENTS)
		return malformed(reader, err, "a map of %llu parts of a sparse file",
				 (unsigned long long)n);
	for (uint64_t i = 0; i < 2 * n; i++) {
		r = take_line(reader, &block, &at, &number, err);
		if (r < 0)
			return r;
		(void)tar_sparse_add(&reader->pax.map, number);
	}
	return 0;
}

/* In `ret->bytes` how large the file is with its holes. */
static int take_map(struct tar_reader *reader, const unsigned char *block, struct tar_entry *ret,
		    struct err *err)
{
	const struct tar_pax *pax = &reader->pax;
	int64_t old_bytes = 0;
	int r = 0;

	if (reader->header.type == 'S') {
		r = take_old_map(reader, block, &old_bytes, err);
		ret->bytes = (uint64_t)old_bytes;
	} else {
		uint64_t major = pax->said & PAX_SPARSE_MAJOR ? pax->sparse_major : 0;
		uint64_t minor = pax->said & PAX_SPARSE_MINOR ? pax->sparse_minor : 0;

		if (major > 1 || (major == 1 && minor != 0) || !(pax->said & PAX_SPARSE_BYTES))
			return malformed(reader, err, "a sparse file of an unknown format");
		if (major == 1)
			r = take_map_in_data(reader, err);
		ret->bytes = pax->sparse_bytes;
	}
	if (r < 0)
		return r;
	if (tar_sparse_check(&pax->map, ret->bytes, reader->data_left) < 0)
		return malformed(reader, err, "the map of a sparse file contradicts itself");
	return 0;
}

/* ------------------------------------------------------------------------------- entries */

/* -1: an entry of no kind that we know. */
static int kind_of(const struct tar_header *header, const char *path)
{
	switch (header->type) {
	case '\0': /* of a time that had no directories */
		return path[0] && path[strlen(path) - 1] == '/' ? TAR_DIR : TAR_FILE;
	case '0':
	case '7': /* of a file system that had extents */
	case 'S':
		return TAR_FILE;
	case '1':
		return TAR_HARDLINK;
	case '2':
		return TAR_SYMLINK;
	case '3':
		return TAR_CHAR;
	case '4':
		return TAR_BLOCK_DEVICE;
	case '5':
		return TAR_DIR;
	case '6':
		return TAR_FIFO;
	default:
		return -1;
	}
}

static int take_names(struct tar_reader *reader, struct tar_entry *ret, struct err *err)
{
	const struct tar_header *header = &reader->header;
	const struct tar_pax *pax = &reader->pax;
	int kind;

	ret->path = pax->said & PAX_SPARSE_PATH ? pax->sparse_path
		    : pax->said & PAX_PATH	? pax->path
						: header->path;
	ret->target = pax->said & PAX_TARGET ? pax->target : header->target;
	if (reader->long_path.len)
		ret->path = reader->long_path.data;
	if (reader->long_target.len)
		ret->target = reader->long_target.data;
	ret->uname = pax->said & PAX_UNAME ? pax->uname : header->uname;
	ret->gname = pax->said & PAX_GNAME ? pax->gname : header->gname;
	if (strlen(ret->path) >= PATH_MAX || strlen(ret->target) >= PATH_MAX)
		return malformed(reader, err, "a name of more than %d bytes", PATH_MAX - 1);
	if (!*ret->path)
		return malformed(reader, err, "an entry without a name");
	kind = kind_of(header, ret->path);
	if (kind < 0)
		return malformed(reader, err, "entry '%.100s' is of the unknown type 0x%02x",
				 ret->path, (unsigned char)header->type);
	ret->kind = (enum tar_kind)kind;
	if (ret->kind != TAR_SYMLINK && ret->kind != TAR_HARDLINK)
		ret->target = NULL;
	else if (!*ret->target)
		return malformed(reader, err, "link '%.100s' leads nowhere", ret->path);
	return 0;
}

static int take_attributes(struct tar_reader *reader, struct tar_entry *ret, struct err *err)
{
	const struct tar_header *header = &reader->header;
	const struct tar_pax *pax = &reader->pax;
	int64_t uid = pax->said & PAX_UID ? pax->uid : header->uid;
	int64_t gid = pax->said & PAX_GID ? pax->gid : header->gid;

	if (uid < 0 || uid > MAX_ID || gid < 0 || gid > MAX_ID)
		return malformed(reader, err, "entry '%.100s' belongs to %lld:%lld, which can't be",
				 ret->path, (long long)uid, (long long)gid);
	if (header->major < 0 || header->major > UINT32_MAX || header->minor < 0 ||
	    header->minor > UINT32_MAX)
		return malformed(reader, err, "device '%.100s' is %lld:%lld, which can't be",
				 ret->path, (long long)header->major, (long long)header->minor);
	ret->uid = (uint32_t)uid;
	ret->gid = (uint32_t)gid;
	ret->mode = (mode_t)header->mode & 07777;
	ret->mtime = (struct timespec){ .tv_sec = header->mtime };
	if (pax->said & PAX_MTIME)
		ret->mtime = pax->mtime;
	ret->rdev = makedev((unsigned)header->major, (unsigned)header->minor);
	ret->xattrs = (const void *)pax->xattrs.data;
	ret->n_xattrs = pax->xattrs.len / sizeof(struct tar_xattr);
	return 0;
}

/* Only files have contents. Where another entry gives a size, it is that of something else. */
static int take_contents(struct tar_reader *reader, const unsigned char *block,
			 struct tar_entry *ret, struct err *err)
{
	const unsigned sparse = PAX_SPARSE_MAP | PAX_SPARSE_BYTES | PAX_SPARSE_MAJOR;
	const struct tar_pax *pax = &reader->pax;
	uint64_t stored = pax->said & PAX_BYTES ? pax->bytes : (uint64_t)reader->header.bytes;

	reader->is_sparse = false;
	reader->data_at = 0;
	reader->data_left = ret->kind == TAR_FILE ? stored : 0;
	reader->padding = -reader->data_left % TAR_BLOCK;
	ret->bytes = reader->data_left;
	if (ret->kind == TAR_FILE && (reader->header.type == 'S' || pax->said & sparse)) {
		int r = take_map(reader, block, ret, err);

		if (r < 0)
			return r;
		reader->is_sparse = true;
		reader->extent = 0;
		reader->extent_left = 0;
	}
	ret->stored_bytes = reader->data_left;
	return 0;
}

static int take_entry(struct tar_reader *reader, const unsigned char *block, struct tar_entry *ret,
		      struct err *err)
{
	struct tar_entry entry = {};
	int r = take_names(reader, &entry, err);

	if (r >= 0)
		r = take_attributes(reader, &entry, err);
	if (r >= 0)
		r = take_contents(reader, block, &entry, err);
	if (r < 0)
		return r;
	*ret = entry;
	return 1;
}

/* A block of zeros was read: a second one makes it the end of the archive. */
static int take_end(struct tar_reader *reader, struct err *err)
{
	const unsigned char *block;
	int r = take_block(reader, &block, err);

	if (r > 0 && !tar_block_is_zero(block))
		return malformed(reader, err, "a block of zeros between two entries");
	reader->has_ended = true;
	return r < 0 ? r : 0;
}

/* What is left of the current entry. That the last one is not filled up is no harm. */
static int skip_rest(struct tar_reader *reader, struct err *err)
{
	int r = skip(reader, &reader->data_left, err);

	if (r == 0)
		return breaks_off(reader, err);
	return r < 0 ? r : skip(reader, &reader->padding, err);
}

int tar_next(struct tar_reader *reader, struct tar_entry *ret, struct err *err)
{
	const unsigned char *block;
	const char *reason;
	bool is_described = false;
	int r = skip_rest(reader, err);

	if (r <= 0 || reader->has_ended)
		return r < 0 ? r : 0;
	forget_descriptions(reader);
	for (;;) {
		r = take_block(reader, &block, err);
		if (r == 0 || (r > 0 && tar_block_is_zero(block))) {
			if (is_described)
				return malformed(reader, err, "an extended header of no entry");
			return r == 0 ? 0 : take_end(reader, err);
		}
		if (r < 0)
			return r;
		if (tar_header_parse(block, &reader->header, &reason) < 0)
			return malformed(reader, err, "%s", reason);
		r = take_description(reader, &reader->header, err);
		if (r == 0)
			return take_entry(reader, block, ret, err);
		if (r < 0)
			return r;
		is_described = is_described || reader->header.type != 'g';
	}
}

/* ------------------------------------------------------------------------------- contents */

/* Of a sparse file: enter the next extent that is not empty. */
static void enter_extent(struct tar_reader *reader)
{
	const struct tar_sparse *map = &reader->pax.map;

	while (reader->extent_left == 0 && reader->extent < tar_sparse_count(map)) {
		const struct tar_extent *extent = tar_sparse_extent(map, reader->extent++);

		reader->data_at = extent->at;
		reader->extent_left = extent->bytes;
	}
}

int tar_data(struct tar_reader *reader, struct tar_piece *ret, struct err *err)
{
	uint64_t left = reader->data_left;
	int r;

	if (left == 0)
		return 0;
	if (reader->is_sparse) {
		enter_extent(reader);
		left = reader->extent_left;
	}
	r = fill(reader, err);
	if (r <= 0)
		return r < 0 ? r : breaks_off(reader, err);
	ret->at = reader->data_at;
	ret->bytes = reader->at;
	ret->n = left < reader->left ? (size_t)left : reader->left;
	reader->data_at += ret->n;
	reader->data_left -= ret->n;
	if (reader->is_sparse)
		reader->extent_left -= ret->n;
	move_on(reader, ret->n);
	return 1;
}

int tar_drain(struct tar_reader *reader, struct err *err)
{
	int r;

	while ((r = fill(reader, err)) > 0)
		move_on(reader, reader->left);
	return r;
}
