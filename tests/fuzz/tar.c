/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An archive. However its bytes are cut into pieces, the same is read, or refused.
 */
#include "layer/tar_read.h"

#include "fuzz.h"
#include "layer/pieces.h"

#include <limits.h>

static void claim_entry(const struct tar_entry *e)
{
	CLAIM(*e->path && strlen(e->path) < PATH_MAX);
	CLAIM((e->target != NULL) == (e->kind == TAR_SYMLINK || e->kind == TAR_HARDLINK));
	CLAIM(!e->target || (*e->target && strlen(e->target) < PATH_MAX));
	CLAIM(e->mode <= 07777 && e->uid != UINT32_MAX && e->gid != UINT32_MAX);
	CLAIM(e->mtime.tv_nsec >= 0 && e->mtime.tv_nsec < 1000000000);
	CLAIM(e->kind == TAR_FILE || (e->bytes == 0 && e->stored_bytes == 0));
	CLAIM(e->bytes <= INT64_MAX);
	for (size_t i = 0; i < e->n_xattrs; i++)
		CLAIM(*e->xattrs[i].name && e->xattrs[i].value);
}

static int read_contents(struct tar_reader *reader, const struct tar_entry *e, struct buf *out,
			 struct err *err)
{
	struct tar_piece p;
	uint64_t sum = 0, end = 0;
	int r;

	while ((r = tar_data(reader, &p, err)) > 0) {
		CLAIM(p.n > 0 && p.at >= end && p.n <= e->bytes - p.at);
		sum += p.n;
		end = p.at + p.n;
		buf_add(out, p.bytes, p.n);
	}
	CLAIM(r < 0 || sum == e->stored_bytes);
	return r;
}

static int read_all(const struct buf *archive, size_t piece, struct buf *out, struct err *err)
{
	struct pieces pieces = { archive, 0, piece };
	struct tar_input input = pieces_input(&pieces);
	auto_tar struct tar_reader reader;
	struct tar_entry e;
	int r;

	tar_init(&reader, &input);
	while ((r = tar_next(&reader, &e, err)) > 0) {
		claim_entry(&e);
		buf_printf(out, "%d %s %s %o %u %u %llu %lld\n", e.kind, e.path,
			   e.target ? e.target : "", e.mode, e.uid, e.gid,
			   (unsigned long long)e.bytes, (long long)e.mtime.tv_sec);
		r = read_contents(&reader, &e, out, err);
		if (r < 0)
			return r;
	}
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t cuts[] = { 1, 500, 512, 700 };
	auto_buf struct buf archive = {}, whole = {};
	struct err err = {};
	int r;

	buf_add(&archive, data, size);
	r = read_all(&archive, 0, &whole, &err);
	if (r < 0)
		claim_refused(r, EBADMSG, ERR_USAGE, &err);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		auto_buf struct buf cut = {};
		struct err again = {};

		CLAIM(read_all(&archive, cuts[i], &cut, &again) == r);
		CLAIM(strcmp(err.msg, again.msg) == 0);
		CLAIM(r < 0 || (cut.len == whole.len &&
				memcmp(buf_str(&cut), buf_str(&whole), cut.len) == 0));
	}
	return 0;
}
