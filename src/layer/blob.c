/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compression, a digest and a file, one behind the other. What there is too little of to be written
 * is kept until there is more.
 */
#include "layer/blob.h"

#include "base/io.h"
#include "image/hash.h"
#include "layer/gzip.h"

#define OUT_BYTES ((size_t)256 << 10)

struct blob {
	int fd;
	struct gzip *gzip; /* NULL: as it is */
	struct hash *hash;
	uint64_t bytes;    /* in the file; and what is not yet written: */
	size_t n_out;
	unsigned char out[OUT_BYTES];
};

int blob_new(int fd, enum blob_kind kind, struct arena *arena, struct blob **ret,
	     struct err *err)
{
	struct blob *blob = arena_new(arena, struct blob);

	blob->fd = fd;
	blob->gzip = kind == BLOB_GZIP ? gzip_new() : NULL;
	if (kind == BLOB_GZIP && !blob->gzip)
		return err_sys(err, ENOMEM, "compress with gzip");
	blob->hash = hash_new(DIGEST_SHA256);
	*ret = blob;
	return 0;
}

void blob_free(struct blob *blob)
{
	if (!blob)
		return;
	gzip_free(blob->gzip);
	hash_free(blob->hash);
}

static int put(struct blob *blob, const unsigned char *bytes, size_t n, struct err *err)
{
	int r;

	hash_add(blob->hash, bytes, n);
	blob->bytes += n;
	r = io_write(blob->fd, bytes, n);
	return r < 0 ? err_sys(err, -r, "write the layer") : 0;
}

static int flush(struct blob *blob, struct err *err)
{
	size_t n = blob->n_out;

	blob->n_out = 0;
	return put(blob, blob->out, n, err);
}

/* 1: with `is_last`, all of it went through. */
static int compress(struct blob *blob, struct flow *flow, bool is_last, struct err *err)
{
	int is_all;

	flow->out = blob->out + blob->n_out;
	flow->out_left = OUT_BYTES - blob->n_out;
	is_all = gzip_step(blob->gzip, flow, is_last);
	blob->n_out = OUT_BYTES - flow->out_left;
	if (flow->out_left == 0) {
		int r = flush(blob, err);

		if (r < 0)
			return r;
	}
	return is_all;
}

int blob_write(struct blob *blob, const void *bytes, size_t n, struct err *err)
{
	struct flow flow = { .in = bytes, .in_left = n };
	int r = 0;

	if (!blob->gzip)
		return put(blob, bytes, n, err);
	while (r == 0 && flow.in_left > 0)
		r = compress(blob, &flow, false, err);
	return r < 0 ? r : 0;
}

uint64_t blob_bytes(const struct blob *blob)
{
	return blob->bytes;
}

int blob_end(struct blob *blob, struct digest *ret, uint64_t *ret_bytes, struct err *err)
{
	struct flow flow = {};
	int r = !blob->gzip;

	while (r == 0)
		r = compress(blob, &flow, true, err);
	if (r > 0)
		r = flush(blob, err);
	if (r < 0)
		return r;
	hash_digest(blob->hash, ret);
	*ret_bytes = blob->bytes;
	return 0;
}
