/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes are copied, and looked at no further than to see how they are compressed; the jail has
 * them.
 */
#include "transfer/foreign.h"

#include "image/media.h"
#include "layer/inflate.h"

#include <string.h>

#define CHUNK_BYTES ((size_t)128 << 10)

static const struct {
	const char *name;
	enum blob_kind kind;
	const char *media_type;
} kinds[] = {
	{ "none", BLOB_GZIP, MEDIA_OCI_LAYER_GZIP },
	{ "gzip", BLOB_AS_IS, MEDIA_OCI_LAYER_GZIP },
	{ "zstd", BLOB_AS_IS, MEDIA_OCI_LAYER_ZSTD },
};

/* Fewer bytes only at the end. */
static ssize_t read_chunk(int fd, char *chunk, struct err *err)
{
	size_t have = 0;

	while (have < CHUNK_BYTES) {
		ssize_t n = read(fd, chunk + have, CHUNK_BYTES - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "read");
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static int begin(const struct store *store, const char *chunk, size_t n, struct new_layer *ret,
		 struct err *err)
{
	const char *name = NULL;
	size_t i = 0;
	int r;

	if (n == 0)
		return err_set(err, ERR_USAGE, EINVAL, "there is nothing in it");
	r = inflate_recognize(chunk, n, &name, err);
	if (r < 0)
		return r;
	while (strcmp(kinds[i].name, name) != 0)
		i++;
	return new_layer_begin(store, kinds[i].kind, kinds[i].media_type, ret, err);
}

int foreign_read(const struct store *store, int from_fd, struct new_layer *ret, struct err *err)
{
	auto_arena struct arena arena = {};
	char *chunk = arena_alloc(&arena, CHUNK_BYTES);
	ssize_t n = read_chunk(from_fd, chunk, err);
	int r = n < 0 ? (int)n : begin(store, chunk, (size_t)n, ret, err);

	while (r == 0 && n > 0) {
		r = new_layer_write(ret, chunk, (size_t)n, err);
		if (r == 0)
			n = read_chunk(from_fd, chunk, err);
		if (n < 0)
			r = (int)n;
	}
	return r < 0 ? r : new_layer_settle(ret, err);
}
