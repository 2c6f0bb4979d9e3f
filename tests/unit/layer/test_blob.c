/* SPDX-License-Identifier: Apache-2.0 */
#include "layer/blob.h"

#include "image/hash.h"
#include "layer/inflate.h"
#include "packed.h"

#include <fcntl.h>

#define TEXT_BYTES 1000000

struct made {
	int fd;
	struct digest digest;
	uint64_t bytes;
};

static void made_done(struct made *made)
{
	closep(&made->fd);
}

#define auto_made auto_cleanup(made_done)

/* A blob of `text`, given in pieces of `piece` bytes. */
static bool make(enum blob_kind kind, const struct buf *text, size_t piece, struct made *ret)
{
	auto_arena struct arena arena = {};
	auto_blob struct blob *blob = NULL;
	struct err err = {};

	ret->fd = memfd_create("blob", MFD_CLOEXEC);
	if (!CHECK(blob_new(ret->fd, kind, &arena, &blob, &err) == 0))
		return false;
	for (size_t at = 0; at < text->len; at += piece) {
		size_t left = text->len - at;

		if (!CHECK(blob_write(blob, text->data + at, left < piece ? left : piece,
				      &err) == 0))
			return false;
	}
	return CHECK(blob_end(blob, &ret->digest, &ret->bytes, &err) == 0);
}

/* Is that what the file says, and does it hold `text`? */
static bool holds(const struct made *made, const struct buf *text, const char *name)
{
	auto_free char *out = malloc(text->len + 1);
	auto_inflate struct inflate inflate;
	struct digest digest;
	uint64_t bytes = 0;
	struct err err = {};
	ssize_t n;

	inflate_init(&inflate, &(struct layer_source){ made->fd, -1 }, -1);
	n = inflate_read(&inflate, out, text->len + 1, &err);
	return CHECK(n == (ssize_t)text->len) && CHECK_STR(inflate_name(&inflate), name) &&
	       CHECK(memcmp(out, buf_str(text), text->len) == 0) &&
	       CHECK(hash_file(DIGEST_SHA256, made->fd, &digest, &bytes, &err) == 0) &&
	       CHECK(bytes == made->bytes) && CHECK_STR(made->digest.text, digest.text);
}

static bool what_goes_in_comes_out(void)
{
	static const size_t sizes[] = { 1, 511, 65536, TEXT_BYTES };
	static const size_t pieces[] = { 1, 4096, 1 << 20 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (size_t k = sizes[i] > 65536; k < sizeof(pieces) / sizeof(*pieces); k++) {
			auto_made struct made gzip = { -1 }, plain = { -1 };
			auto_buf struct buf text = {};

			packed_text(&text, sizes[i]);
			if (!make(BLOB_GZIP, &text, pieces[k], &gzip) ||
			    !holds(&gzip, &text, "gzip") ||
			    !make(BLOB_AS_IS, &text, pieces[k], &plain) ||
			    !holds(&plain, &text, "none"))
				return false;
		}
	return true;
}

static bool nothing_is_a_stream_too(void)
{
	auto_made struct made made = { -1 };
	struct buf none = {};

	return make(BLOB_GZIP, &none, 1, &made) && CHECK(made.bytes > 0) &&
	       holds(&made, &none, "gzip");
}

static bool the_same_bytes_make_the_same_blob(void)
{
	auto_made struct made one = { -1 }, two = { -1 };
	auto_buf struct buf text = {};

	packed_text(&text, TEXT_BYTES);
	return make(BLOB_GZIP, &text, 131072, &one) && make(BLOB_GZIP, &text, 131072, &two) &&
	       CHECK_STR(one.digest.text, two.digest.text) && CHECK(one.bytes < text.len);
}

static bool what_hardly_compresses_is_whole(void)
{
	auto_made struct made made = { -1 };
	auto_buf struct buf noise = {};
	uint64_t seed = 88172645463325252;

	for (size_t i = 0; i < TEXT_BYTES / 8; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		buf_add(&noise, &seed, sizeof(seed));
	}
	return make(BLOB_GZIP, &noise, 100000, &made) && holds(&made, &noise, "gzip");
}

static bool a_full_disk_is_told(void)
{
	auto_close int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	auto_arena struct arena arena = {};
	auto_blob struct blob *blob = NULL;
	struct digest digest;
	struct err err = {};
	uint64_t bytes;

	return CHECK(blob_new(fd, BLOB_GZIP, &arena, &blob, &err) == 0) &&
	       CHECK(blob_write(blob, "some", 4, &err) == 0) &&
	       CHECK(blob_end(blob, &digest, &bytes, &err) == -ENOSPC);
}

int main(void)
{
	TEST(what_goes_in_comes_out);
	TEST(nothing_is_a_stream_too);
	TEST(the_same_bytes_make_the_same_blob);
	TEST(what_hardly_compresses_is_whole);
	TEST(a_full_disk_is_told);
	return tap_done();
}
