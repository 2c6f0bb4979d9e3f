/* SPDX-License-Identifier: Apache-2.0 */
#include "layer/gunzip.h"

#include "packed.h"

#include <errno.h>

#define TEXT_BYTES 100000

struct result {
	struct buf out;
	size_t used;        /* of the input */
	int r;
	const char *reason;
};

/* Feed `in` in pieces of `piece` bytes, with room for `room` bytes each time. */
static struct result run(const struct buf *in, size_t piece, size_t room)
{
	struct gunzip *gunzip = gunzip_new();
	struct result result = {};
	unsigned char bytes[4096];

	while (result.r == 0 && result.used <= in->len) {
		size_t left = in->len - result.used, n = left < piece ? left : piece;
		const unsigned char *from = (const unsigned char *)in->data + result.used;
		struct flow flow = { from, n, bytes, room };

		result.r = gunzip_step(gunzip, &flow, &result.reason);
		result.used += n - flow.in_left;
		buf_add(&result.out, bytes, room - flow.out_left);
		if (n == 0 && flow.out_left == room)
			break;
	}
	gunzip_free(gunzip);
	return result;
}

static bool is_text(struct result *result, const struct buf *text, size_t used)
{
	bool ok = CHECK(result->r == 1) && CHECK(result->used == used) &&
		  CHECK(result->out.len == text->len) &&
		  CHECK(memcmp(result->out.data, text->data, text->len) == 0);

	buf_done(&result->out);
	return ok;
}

static bool a_member_is_the_same_however_it_is_cut(void)
{
	static const size_t pieces[] = { 1, 2, 7, 64, 4096, 1 << 20 }, rooms[] = { 1, 9, 4096 };
	auto_buf struct buf text = {}, packed = {};

	packed_text(&text, TEXT_BYTES);
	if (!CHECK(packed_gzip(&packed, text.data, text.len, NULL)))
		return false;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
		for (size_t k = 0; k < sizeof(rooms) / sizeof(*rooms); k++) {
			struct result result = run(&packed, pieces[i], rooms[k]);

			if (!is_text(&result, &text, packed.len))
				return false;
		}
	return true;
}

/* What follows a member is not swallowed, wherever the input is cut. */
static bool what_follows_the_end_is_left(void)
{
	auto_buf struct buf text = {}, packed = {};
	size_t end;

	packed_text(&text, 3000);
	if (!CHECK(packed_gzip(&packed, text.data, text.len, NULL)))
		return false;
	end = packed.len;
	buf_add(&packed, "0123456789012345678901234567890123456789", 40);
	for (size_t piece = 1; piece < packed.len; piece++) {
		struct result result = run(&packed, piece, 4096);

		if (!is_text(&result, &text, end))
			return false;
	}
	return true;
}

static bool all_fields_of_a_header_are_read_over(void)
{
	auto_buf struct buf text = {}, packed = {};
	gz_header header = {
		.text = 1, .time = 1, .os = 3, .extra = (Bytef *)(uintptr_t)"AB\4\0four",
		.extra_len = 8, .name = (Bytef *)(uintptr_t)"layer.tar",
		.comment = (Bytef *)(uintptr_t)"words", .hcrc = 1,
	};

	packed_text(&text, 3000);
	if (!CHECK(packed_gzip(&packed, text.data, text.len, &header)))
		return false;
	for (size_t piece = 1; piece < 64; piece++) {
		struct result result = run(&packed, piece, 4096);

		if (!is_text(&result, &text, packed.len))
			return false;
	}
	return true;
}

static bool is_refused(const struct buf *packed, const char *reason)
{
	struct result result = run(packed, 4096, 4096);

	buf_done(&result.out);
	return CHECK(result.r == -EBADMSG) && CHECK_STR(result.reason, reason);
}

static bool a_wrong_checksum_or_length_is_found(void)
{
	auto_buf struct buf text = {}, packed = {};

	packed_text(&text, TEXT_BYTES);
	if (!CHECK(packed_gzip(&packed, text.data, text.len, NULL)))
		return false;
	for (size_t i = 1; i <= 8; i++) {
		packed.data[packed.len - i] ^= 1;
		if (!is_refused(&packed, "the checksum does not match"))
			return false;
		packed.data[packed.len - i] ^= 1;
	}
	return true;
}

static bool what_is_no_member_is_refused(void)
{
	auto_buf struct buf text = {}, packed = {};

	packed_text(&text, TEXT_BYTES);
	if (!CHECK(packed_gzip(&packed, text.data, text.len, NULL)))
		return false;
	packed.data[1] = 'x';
	if (!is_refused(&packed, "not a gzip header"))
		return false;
	packed.data[1] = (char)0x8b;
	packed.data[2] = 7;
	if (!is_refused(&packed, "not a gzip header"))
		return false;
	packed.data[2] = 8;
	packed.data[10] = (char)0xff; /* a block of the type that is reserved */
	return is_refused(&packed, "damaged");
}

static bool a_member_that_breaks_off_has_no_end(void)
{
	auto_buf struct buf text = {}, packed = {};
	struct result result;

	packed_text(&text, 3000);
	if (!CHECK(packed_gzip(&packed, text.data, text.len, NULL)))
		return false;
	for (packed.len--; packed.len > 0; packed.len--) {
		result = run(&packed, 4096, 4096);
		buf_done(&result.out);
		if (!CHECK(result.r == 0))
			return false;
	}
	return true;
}

static bool members_follow_each_other(void)
{
	auto_buf struct buf text = {}, packed = {};
	struct gunzip *gunzip = gunzip_new();
	unsigned char bytes[4096];
	struct flow flow;
	const char *reason;
	bool ok = true;

	packed_text(&text, 1000);
	for (int i = 0; i < 3; i++)
		ok = ok && packed_gzip(&packed, text.data, text.len, NULL);
	flow.in = (const unsigned char *)packed.data;
	flow.in_left = packed.len;
	for (int i = 0; ok && i < 3; i++) {
		flow.out = bytes;
		flow.out_left = sizeof(bytes);
		ok = CHECK(gunzip_step(gunzip, &flow, &reason) == 1) &&
		     CHECK(flow.out_left == sizeof(bytes) - 1000) &&
		     CHECK(memcmp(bytes, text.data, 1000) == 0);
		gunzip_next_member(gunzip);
	}
	gunzip_free(gunzip);
	return ok && CHECK(flow.in_left == 0);
}

int main(void)
{
	TEST(a_member_is_the_same_however_it_is_cut);
	TEST(what_follows_the_end_is_left);
	TEST(all_fields_of_a_header_are_read_over);
	TEST(a_wrong_checksum_or_length_is_found);
	TEST(what_is_no_member_is_refused);
	TEST(a_member_that_breaks_off_has_no_end);
	TEST(members_follow_each_other);
	return tap_done();
}
