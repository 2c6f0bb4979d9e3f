/* SPDX-License-Identifier: Apache-2.0 */
#include "layer/inflate.h"

#include "packed.h"

#define TEXT_BYTES 1000000

/* All that is in `packed`, read in pieces of `cap`. */
static int read_all(const struct buf *packed, size_t cap, struct buf *out, char name[8],
		    struct err *err)
{
	auto_close int fd = packed_file(packed);
	auto_inflate struct inflate inflate;
	auto_free char *bytes = malloc(cap);
	ssize_t n;

	inflate_init(&inflate, &(struct layer_source){ fd, -1 }, -1);
	while ((n = inflate_read(&inflate, bytes, cap, err)) > 0)
		buf_add(out, bytes, (size_t)n);
	if (n == 0) {
		(void)snprintf(name, 8, "%s", inflate_name(&inflate));
		n = inflate_in_bytes(&inflate) == packed->len ? 0 : -EDOM;
	}
	return (int)n;
}

static bool becomes(const struct buf *packed, const struct buf *text, const char *name)
{
	static const size_t caps[] = { 1000, 262144, TEXT_BYTES * 4 };

	for (size_t i = 0; i < sizeof(caps) / sizeof(*caps); i++) {
		auto_buf struct buf out = {};
		char is[8] = "";
		struct err err = {};

		if (!CHECK(read_all(packed, caps[i], &out, is, &err) == 0)) {
			printf("# %s\n", err.msg);
			return false;
		}
		if (!CHECK(out.len == text->len) || !CHECK_STR(is, name) ||
		    (out.len && !CHECK(memcmp(out.data, text->data, out.len) == 0)))
			return false;
	}
	return true;
}

static bool is_refused(const struct buf *packed, int no, const char *message)
{
	auto_buf struct buf out = {};
	struct err err = {};
	char name[8];

	return CHECK(read_all(packed, 4096, &out, name, &err) == -no) &&
	       CHECK_STR(err.msg, message);
}

static bool compression_is_known_by_its_first_bytes(void)
{
	auto_buf struct buf text = {}, gzip = {}, zstd = {};

	packed_text(&text, TEXT_BYTES);
	return CHECK(packed_gzip(&gzip, text.data, text.len, NULL)) &&
	       CHECK(packed_zstd(&zstd, text.data, text.len)) && becomes(&gzip, &text, "gzip") &&
	       becomes(&zstd, &text, "zstd") && becomes(&text, &text, "none");
}

static bool short_and_empty_files_are_taken_as_they_are(void)
{
	auto_buf struct buf empty = {}, byte = {}, half = {};

	buf_puts(&byte, "x");
	buf_puts(&half, "\x1f");
	return becomes(&empty, &empty, "none") && becomes(&byte, &byte, "none") &&
	       becomes(&half, &half, "none");
}

static bool other_compression_is_named(void)
{
	auto_buf struct buf xz = {}, bzip2 = {};

	buf_add(&xz, "\xfd" "7zXZ\0\0\4", 8);
	buf_puts(&bzip2, "BZh91AY");
	return is_refused(&xz, EOPNOTSUPP, "compressed with xz, which is not supported") &&
	       is_refused(&bzip2, EOPNOTSUPP, "compressed with bzip2, which is not supported");
}

static bool members_and_padding_of_gzip_are_read(void)
{
	auto_buf struct buf text = {}, packed = {};

	packed_text(&text, TEXT_BYTES);
	for (size_t i = 0; i < TEXT_BYTES; i += 100000)
		if (!CHECK(packed_gzip(&packed, text.data + i, 100000, NULL)))
			return false;
	if (!becomes(&packed, &text, "gzip"))
		return false;
	for (int i = 0; i < 600000; i++)
		buf_add(&packed, "", 1);
	return becomes(&packed, &text, "gzip");
}

static bool frames_of_zstd_are_read_and_skipped(void)
{
	static const char skippable[] = "\x5a\x2a\x4d\x18\4\0\0\0junk";
	auto_buf struct buf text = {}, packed = {};

	packed_text(&text, TEXT_BYTES);
	for (size_t i = 0; i < TEXT_BYTES; i += 100000) {
		buf_add(&packed, skippable, sizeof(skippable) - 1);
		if (!CHECK(packed_zstd(&packed, text.data + i, 100000)))
			return false;
	}
	buf_add(&packed, skippable, sizeof(skippable) - 1);
	return becomes(&packed, &text, "zstd");
}

static bool what_follows_the_end_is_an_error(void)
{
	auto_buf struct buf text = {}, gzip = {}, padded = {}, zstd = {};

	packed_text(&text, 1000);
	(void)packed_gzip(&gzip, text.data, text.len, NULL);
	buf_add(&padded, gzip.data, gzip.len);
	buf_puts(&gzip, "x");
	buf_add(&padded, "\0\0x", 3);
	(void)packed_zstd(&zstd, text.data, text.len);
	buf_puts(&zstd, "garbage");
	return is_refused(&gzip, EBADMSG, "something follows the end of the gzip data") &&
	       is_refused(&padded, EBADMSG, "something follows the end of the gzip data") &&
	       is_refused(&zstd, EBADMSG, "decompress zstd: Unknown frame descriptor");
}

static bool what_breaks_off_is_an_error(void)
{
	auto_buf struct buf text = {}, gzip = {}, zstd = {};

	packed_text(&text, TEXT_BYTES);
	(void)packed_gzip(&gzip, text.data, text.len, NULL);
	(void)packed_zstd(&zstd, text.data, text.len);
	gzip.len -= 1;
	zstd.len -= 1;
	if (!is_refused(&gzip, EBADMSG, "the gzip data breaks off") ||
	    !is_refused(&zstd, EBADMSG, "the zstd data breaks off"))
		return false;
	gzip.len = 9;
	zstd.len = 7;
	return is_refused(&gzip, EBADMSG, "the gzip data breaks off") &&
	       is_refused(&zstd, EBADMSG, "the zstd data breaks off");
}

static bool damage_is_an_error(void)
{
	auto_buf struct buf text = {}, gzip = {};

	packed_text(&text, TEXT_BYTES);
	(void)packed_gzip(&gzip, text.data, text.len, NULL);
	gzip.data[gzip.len - 6] ^= 4;
	return is_refused(&gzip, EBADMSG, "decompress gzip: the checksum does not match");
}

/* It would take that much memory. */
static bool a_window_beyond_128_mib_is_refused(void)
{
	auto_buf struct buf zstd = {};

	buf_add(&zstd, "\x28\xb5\x2f\xfd\0\xa0", 6); /* 2^30 */
	buf_add(&zstd, "\1\0\0", 3);
	return is_refused(&zstd, EBADMSG,
			  "decompress zstd: Frame requires too much memory for decoding");
}

int main(void)
{
	TEST(compression_is_known_by_its_first_bytes);
	TEST(short_and_empty_files_are_taken_as_they_are);
	TEST(other_compression_is_named);
	TEST(members_and_padding_of_gzip_are_read);
	TEST(frames_of_zstd_are_read_and_skipped);
	TEST(what_follows_the_end_is_an_error);
	TEST(what_breaks_off_is_an_error);
	TEST(damage_is_an_error);
	TEST(a_window_beyond_128_mib_is_refused);
	return tap_done();
}
