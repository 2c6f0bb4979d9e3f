/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stretches of files, read to their end by one loop: on the way the bytes are hashed, and go to a
 * file or into memory. A file that ends too soon is an error, since the size was known.
 */
#include "transport/extent.h"

#include "base/io.h"
#include "image/hash.h"

#include <inttypes.h>

#define CHUNK_BYTES ((size_t)64 << 10)

/* Where the bytes go; each may be missing. */
struct ends {
	struct hash *hash;
	struct buf *buf;
	int fd;
};

static int hand_out(const struct ends *to, const char *bytes, size_t n, struct err *err)
{
	int r;

	if (to->hash)
		hash_add(to->hash, bytes, n);
	if (to->buf)
		buf_add(to->buf, bytes, n);
	r = to->fd >= 0 ? io_write(to->fd, bytes, n) : 0;
	return r < 0 ? err_sys(err, -r, "write") : 0;
}

static int walk(const struct extent *extent, const struct ends *to, struct err *err)
{
	char chunk[CHUNK_BYTES];
	uint64_t at = extent->at, left = extent->bytes;

	while (left > 0) {
		size_t want = left < sizeof(chunk) ? (size_t)left : sizeof(chunk);
		ssize_t n = pread(extent->fd, chunk, want, (off_t)at);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "read");
		if (n == 0)
			return err_set(err, ERR_USAGE, EBADMSG,
				       "it breaks off, %" PRIu64 " bytes before its end", left);
		r = hand_out(to, chunk, (size_t)n, err);
		if (r < 0)
			return r;
		at += (uint64_t)n;
		left -= (uint64_t)n;
	}
	return 0;
}

static int compare(const struct hash *hash, const struct digest *digest, struct err *err)
{
	struct digest computed;

	hash_digest(hash, &computed);
	if (digest_is_equal(&computed, digest))
		return 0;
	return err_set(err, ERR_USAGE, EBADMSG, "its digest is '%s'", computed.text);
}

int extent_copy(const struct extent *extent, const struct digest *digest, int to_fd,
		struct err *err)
{
	auto_hash struct hash *hash = hash_new(digest_algorithm(digest));
	struct ends to = { .hash = hash, .fd = to_fd };
	int r = walk(extent, &to, err);

	return r < 0 ? r : compare(hash, digest, err);
}

int extent_read(const struct extent *extent, const struct digest *digest, size_t max_bytes,
		struct buf *ret, struct err *err)
{
	auto_hash struct hash *hash = digest ? hash_new(digest_algorithm(digest)) : NULL;
	struct ends to = { .hash = hash, .buf = ret, .fd = -1 };
	int r;

	if (extent->bytes > max_bytes)
		return err_set(err, ERR_USAGE, EFBIG, "%" PRIu64 " bytes are more than %zu",
			       extent->bytes, max_bytes);
	r = walk(extent, &to, err);
	return r < 0 || !digest ? r : compare(hash, digest, err);
}

int extent_digest(const struct extent *extent, enum digest_algorithm algorithm,
		  struct digest *ret, struct err *err)
{
	auto_hash struct hash *hash = hash_new(algorithm);
	struct ends to = { .hash = hash, .fd = -1 };
	int r = walk(extent, &to, err);

	if (r == 0)
		hash_digest(hash, ret);
	return r;
}
