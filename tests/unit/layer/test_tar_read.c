/* SPDX-License-Identifier: Apache-2.0 */
#include "layer/tar_read.h"

#include "archive.h"
#include "pieces.h"

#include <sys/sysmacros.h>

/* The archive as text, a line an entry: kind, path, target, mode, owner, size, time, contents. */
static int describe_in(const struct buf *archive, size_t piece, struct buf *out, struct err *err)
{
	struct pieces pieces = { archive, 0, piece };
	struct tar_input input = pieces_input(&pieces);
	auto_tar struct tar_reader reader;
	struct tar_entry e;
	struct tar_piece p;
	int r;

	tar_init(&reader, &input);
	while ((r = tar_next(&reader, &e, err)) > 0) {
		buf_printf(out, "%c %s%s%s %o %u:%u %llu %lld.%09ld", "fdlhcbp"[e.kind], e.path,
			   e.target ? " -> " : "", e.target ? e.target : "", e.mode, e.uid, e.gid,
			   (unsigned long long)e.bytes, (long long)e.mtime.tv_sec,
			   e.mtime.tv_nsec);
		if (e.kind == TAR_CHAR || e.kind == TAR_BLOCK_DEVICE)
			buf_printf(out, " %u:%u", major(e.rdev), minor(e.rdev));
		for (size_t i = 0; i < e.n_xattrs; i++)
			buf_printf(out, " %s=%.*s", e.xattrs[i].name, (int)e.xattrs[i].len,
				   (const char *)e.xattrs[i].value);
		for (uint64_t end = 0; (r = tar_data(&reader, &p, err)) > 0; end = p.at + p.n) {
			if (p.at != end || end == 0)
				buf_printf(out, " @%llu ", (unsigned long long)p.at);
			buf_add(out, p.bytes, p.n);
		}
		buf_puts(out, "\n");
		if (r < 0)
			return r;
	}
	return r < 0 ? r : tar_drain(&reader, err);
}

static const size_t cuts[] = { 0, 1, 7, 511, 512, 513, 1024, 10000 };

static bool reads(const struct buf *archive, const char *want)
{
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		auto_buf struct buf out = {};
		struct err err = {};

		if (!CHECK(describe_in(archive, cuts[i], &out, &err) == 0)) {
			printf("# %s\n", err.msg);
			return false;
		}
		if (!CHECK_STR(buf_str(&out), want))
			return false;
	}
	return true;
}

static bool refuses(const struct buf *archive, const char *message)
{
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		auto_buf struct buf out = {};
		struct err err = {};

		if (!CHECK(describe_in(archive, cuts[i], &out, &err) == -EBADMSG) ||
		    !CHECK(err.kind == ERR_USAGE) || !CHECK_STR(err.msg, message))
			return false;
	}
	return true;
}

static bool all_kinds_are_read(void)
{
	auto_buf struct buf a = {};

	archive_add(&a, .path = "d/", .type = '5', .uid = 1, .gid = 2, .mtime = 3);
	archive_add(&a, .path = "d/f", .mode = 0104755, .data = "contents");
	archive_add(&a, .path = "empty");
	archive_add(&a, .path = "l", .type = '2', .target = "d/f", .mode = 0777);
	archive_add(&a, .path = "h", .type = '1', .target = "d/f");
	archive_add(&a, .path = "c", .type = '3', .major = 1, .minor = 3);
	archive_add(&a, .path = "b", .type = '4', .major = 259, .minor = 70000);
	archive_add(&a, .path = "p", .type = '6');
	archive_add(&a, .path = "contiguous", .type = '7', .data = "x");
	archive_end(&a);
	return reads(&a, "d d/ 755 1:2 0 3.000000000\n"
			 "f d/f 4755 0:0 8 0.000000000 @0 contents\n"
			 "f empty 644 0:0 0 0.000000000\n"
			 "l l -> d/f 777 0:0 0 0.000000000\n"
			 "h h -> d/f 644 0:0 0 0.000000000\n"
			 "c c 644 0:0 0 0.000000000 1:3\n"
			 "b b 644 0:0 0 0.000000000 259:70000\n"
			 "p p 644 0:0 0 0.000000000\n"
			 "f contiguous 644 0:0 1 0.000000000 @0 x\n");
}

static bool contents_that_are_not_read_are_skipped(void)
{
	auto_buf struct buf a = {}, big = {};
	struct pieces pieces = { &a, 0, 700 };
	struct tar_input input = pieces_input(&pieces);
	auto_tar struct tar_reader reader;
	struct tar_entry e;
	struct tar_piece p;
	struct err err = {};

	for (int i = 0; i < 5000; i++)
		buf_puts(&big, "x");
	archive_add(&a, .path = "one", .data = big.data);
	archive_add(&a, .path = "two", .data = big.data);
	archive_add(&a, .path = "three", .data = "abc");
	tar_init(&reader, &input);
	return CHECK(tar_next(&reader, &e, &err) == 1) && CHECK(tar_next(&reader, &e, &err) == 1) &&
	       CHECK_STR(e.path, "two") && CHECK(tar_data(&reader, &p, &err) == 1) &&
	       CHECK(tar_next(&reader, &e, &err) == 1) && CHECK_STR(e.path, "three") &&
	       CHECK(tar_data(&reader, &p, &err) == 1) && CHECK(memcmp(p.bytes, "abc", 3) == 0) &&
	       CHECK(tar_data(&reader, &p, &err) == 0) && CHECK(tar_next(&reader, &e, &err) == 0) &&
	       CHECK(tar_next(&reader, &e, &err) == 0);
}

static bool both_ways_to_sum_bytes_are_right(void)
{
	auto_buf struct buf a = {}, bad = {};

	archive_add(&a, .path = "\xff\xfe", .is_signed = true);
	archive_add(&a, .path = "\xff\xfe");
	if (!reads(&a, "f \xff\xfe 644 0:0 0 0.000000000\nf \xff\xfe 644 0:0 0 0.000000000\n"))
		return false;
	archive_add(&bad, .path = "file");
	bad.data[0] = 'x';
	return refuses(&bad, "archive, at byte 512: no header of an archive, or damaged");
}

static bool an_end_may_be_missing_but_not_half_there(void)
{
	auto_buf struct buf none = {}, one = {}, between = {}, tail = {}, cut = {};
	static const char *const want = "f f 644 0:0 1 0.000000000 @0 x\n";

	archive_add(&none, .path = "f", .data = "x");
	archive_add(&one, .path = "f", .data = "x");
	buf_add(&one, none.data + 512 + 1, 511);
	buf_add(&one, "", 1);
	archive_add(&between, .path = "f", .data = "x");
	for (int i = 0; i < 512; i++)
		buf_add(&between, "", 1);
	archive_add(&between, .path = "g");
	archive_add(&tail, .path = "f", .data = "x");
	archive_end(&tail);
	buf_puts(&tail, "whatever follows is no business of the archive's");
	archive_add(&cut, .path = "f", .data = "x");
	cut.len = 513; /* no padding */
	if (!reads(&none, want) || !reads(&one, want) || !reads(&tail, want) || !reads(&cut, want))
		return false;
	cut.len = 512;
	return refuses(&cut, "archive, at byte 512: it breaks off") &&
	       refuses(&between, "archive, at byte 2048: a block of zeros between two entries");
}

static bool what_is_no_archive_is_refused(void)
{
	auto_buf struct buf text = {}, empty = {};

	for (int i = 0; i < 200; i++)
		buf_puts(&text, "no archive ");
	if (!refuses(&text, "archive, at byte 512: no header of an archive, or damaged"))
		return false;
	text.len = 100;
	return refuses(&text, "archive, at byte 100: it breaks off") && reads(&empty, "");
}

static bool a_prefix_counts_where_the_magic_says_so(void)
{
	auto_buf struct buf a = {};

	archive_add(&a, .path = "f", .prefix = "some/dir");
	archive_add(&a, .path = "f", .prefix = "00000000000", .magic = "ustar  ");
	archive_add(&a, .path = "f", .prefix = "old/go", .magic = "ustar  ");
	archive_add(&a, .path = "f", .prefix = "nothing", .magic = "\0\0\0\0\0\0\0");
	return reads(&a, "f some/dir/f 644 0:0 0 0.000000000\n"
			 "f f 644 0:0 0 0.000000000\n"
			 "f old/go/f 644 0:0 0 0.000000000\n"
			 "f f 644 0:0 0 0.000000000\n");
}

static bool old_archives_mark_directories_by_a_slash(void)
{
	auto_buf struct buf a = {};
	unsigned char block[512];

	archive_block(&(struct member){ .path = "dir/", .magic = "\0\0\0\0\0\0\0" }, block);
	block[156] = 0;
	archive_seal(block, false);
	buf_add(&a, block, 512);
	return reads(&a, "d dir/ 644 0:0 0 0.000000000\n");
}

static bool numbers_that_do_not_fit_are_in_base_256(void)
{
	auto_buf struct buf a = {}, negative = {}, huge = {};
	unsigned char block[512];

	archive_block(&(struct member){ .path = "f" }, block);
	memcpy(block + 108, "\x80\0\0\0\x7f\xff\xff\xff", 8);
	memcpy(block + 136, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", 12);
	archive_seal(block, false);
	buf_add(&a, block, 512);
	if (!reads(&a, "f f 644 2147483647:0 0 -2.000000000\n"))
		return false;
	archive_add(&negative, .path = "f",
		    .size_field = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe");
	archive_add(&huge, .path = "f", .size_field = "\x80\0\0\1\0\0\0\0\0\0\0\0");
	return refuses(&negative, "archive, at byte 512: its size is no number") &&
	       refuses(&huge, "archive, at byte 512: its size is no number");
}

static bool owners_that_cannot_be_are_refused(void)
{
	auto_buf struct buf header = {}, pax = {};
	unsigned char block[512];

	archive_block(&(struct member){ .path = "f" }, block);
	memcpy(block + 108, "\x80\0\0\0\xff\xff\xff\xff", 8);
	archive_seal(block, false);
	buf_add(&header, block, 512);
	archive_pax(&pax, "uid", "4294967295");
	archive_add(&pax, .path = "f");
	return refuses(&header, "archive, at byte 512: entry 'f' belongs to 4294967295:0, which "
				"can't be") &&
	       refuses(&pax, "archive, at byte 1024: malformed value of PAX 'uid'");
}

static bool long_names_of_gnu_are_read(void)
{
	auto_buf struct buf a = {}, want = {}, name = {}, longer = {};

	for (int i = 0; i < 60; i++)
		buf_puts(&name, "long/");
	archive_long(&a, 'K', name.data);
	archive_long(&a, 'L', name.data);
	archive_add(&a, .path = "cut", .type = '2', .target = "cut", .magic = "ustar  ");
	archive_add(&a, .path = "next", .type = '2', .target = "n", .magic = "ustar  ");
	buf_printf(&want, "l %s -> %s 644 0:0 0 0.000000000\nl next -> n 644 0:0 0 0.000000000\n",
		   name.data, name.data);
	if (!reads(&a, want.data))
		return false;
	while (name.len < 4096)
		buf_puts(&name, "long/");
	archive_long(&longer, 'L', name.data);
	archive_add(&longer, .path = "f");
	return refuses(&longer, "archive, at byte 5632: a name of more than 4095 bytes");
}

static bool an_extended_header_counts_for_the_next_entry_only(void)
{
	auto_buf struct buf a = {}, records = {};

	archive_record(&records, "path", "long name=\nof two lines");
	archive_record(&records, "mtime", "1.5");
	archive_record(&records, "uid", "3000000000");
	archive_record(&records, "comment", "ignored");
	archive_record(&records, "SCHILY.xattr.user.a", "b=c");
	archive_extend(&a, 'x', &records);
	archive_add(&a, .path = "f", .data = "x");
	archive_add(&a, .path = "g", .data = "x");
	return reads(&a, "f long name=\nof two lines 644 3000000000:0 1 1.500000000 user.a=b=c "
			 "@0 x\n"
			 "f g 644 0:0 1 0.000000000 @0 x\n");
}

/* What a size is of decides where the next header is looked for: a reader that took another one for
 * it would see another archive. */
static bool a_size_is_that_of_the_file_and_of_no_header_between(void)
{
	auto_buf struct buf a = {}, hidden = {}, sized = {}, out = {};
	struct err err = {};

	archive_pax(&a, "size", "1024");
	archive_long(&a, 'L', "name");
	archive_add(&hidden, .path = "hidden", .data = "y");
	archive_add(&sized, .path = "f", .data = hidden.data, .bytes = 1024);
	memcpy(sized.data + 124, "00000000000", 11); /* only the PAX header knows */
	archive_seal((unsigned char *)sized.data, false);
	buf_add(&a, sized.data, sized.len);
	archive_add(&a, .path = "next");
	return CHECK(describe_in(&a, 0, &out, &err) == 0) &&
	       CHECK(strncmp(out.data, "f name 644 0:0 1024", 19) == 0) &&
	       CHECK(memmem(out.data, out.len, "\nf next ", 8)) &&
	       CHECK(!memmem(out.data, out.len, "\nf hidden ", 10));
}

static bool sizes_of_what_has_no_contents_are_ignored(void)
{
	auto_buf struct buf a = {};

	archive_add(&a, .path = "d/", .type = '5', .size_field = "00000001000");
	archive_add(&a, .path = "h", .type = '1', .target = "f", .size_field = "00000001000");
	archive_add(&a, .path = "f");
	return reads(&a, "d d/ 755 0:0 0 0.000000000\nh h -> f 644 0:0 0 0.000000000\n"
			 "f f 644 0:0 0 0.000000000\n");
}

static bool global_headers_are_checked_and_ignored(void)
{
	auto_buf struct buf a = {}, bad = {}, records = {}, junk = {};

	archive_record(&records, "path", "elsewhere");
	archive_record(&records, "comment", "0123");
	archive_extend(&a, 'g', &records);
	archive_add(&a, .path = "f");
	archive_extend(&a, 'g', &records);
	buf_puts(&junk, "99 path=x\n");
	archive_extend(&bad, 'g', &junk);
	archive_add(&bad, .path = "f");
	return reads(&a, "f f 644 0:0 0 0.000000000\n") &&
	       refuses(&bad, "archive, at byte 1024: malformed PAX record");
}

static bool a_description_of_nothing_is_refused(void)
{
	auto_buf struct buf a = {}, ended = {};

	archive_pax(&a, "path", "x");
	archive_pax(&ended, "path", "x");
	archive_end(&ended);
	return refuses(&a, "archive, at byte 1024: an extended header of no entry") &&
	       refuses(&ended, "archive, at byte 1536: an extended header of no entry");
}

static bool extended_headers_are_bounded(void)
{
	auto_buf struct buf a = {};

	archive_add(&a, .path = "x", .type = 'x', .size_field = "00004000001");
	return refuses(&a, "archive, at byte 512: an extended header of 1048577 bytes");
}

static bool unknown_and_empty_entries_are_refused(void)
{
	auto_buf struct buf unknown = {}, nameless = {}, link = {};

	archive_add(&unknown, .path = "v", .type = 'V');
	archive_add(&nameless, .path = "");
	archive_add(&link, .path = "l", .type = '2');
	return refuses(&unknown, "archive, at byte 512: entry 'v' is of the unknown type 0x56") &&
	       refuses(&nameless, "archive, at byte 512: an entry without a name") &&
	       refuses(&link, "archive, at byte 512: link 'l' leads nowhere");
}

/* ------------------------------------------------------------------------------- sparse files */

#define HOLEY "f holey 644 0:0 100 0.000000000 @10 abc @90 defg\n"

static bool sparse_files_of_old_gnu_are_read(void)
{
	auto_buf struct buf a = {}, many = {};
	unsigned char block[512], more[512] = {};
	char text[16];

	archive_block(&(struct member){ .path = "holey", .type = 'S', .bytes = 7,
					.magic = "ustar  " },
		      block);
	memcpy(block + 386, "00000000012\00000000000003", 24);
	memcpy(block + 386 + 24, "00000000132\00000000000004", 24);
	memcpy(block + 483, "00000000144", 12);
	archive_seal(block, false);
	buf_add(&a, block, 512);
	buf_puts(&a, "abcdefg");
	archive_pad(&a);
	archive_add(&a, .path = "next");
	if (!reads(&a, HOLEY "f next 644 0:0 0 0.000000000\n"))
		return false;
	/* Six extents: four in the header, two behind it. */
	archive_block(&(struct member){ .path = "many", .type = 'S', .bytes = 6,
					.magic = "ustar  " },
		      block);
	for (unsigned i = 0; i < 6; i++) {
		unsigned char *at = i < 4 ? block + 386 + 24 * i : more + 24 * (i - 4);

		(void)snprintf(text, sizeof(text), "%011o", i * 10);
		memcpy(at, text, 12);
		memcpy(at + 12, "00000000001", 12);
	}
	block[482] = 1;
	memcpy(block + 483, "00000000144", 12);
	archive_seal(block, false);
	buf_add(&many, block, 512);
	buf_add(&many, more, 512);
	buf_puts(&many, "abcdef");
	archive_pad(&many);
	return reads(&many, "f many 644 0:0 100 0.000000000 @0 a @10 b @20 c @30 d @40 e @50 f\n");
}

static bool sparse_files_of_pax_are_read(void)
{
	auto_buf struct buf a = {}, zero = {}, one = {}, two = {};

	archive_record(&zero, "GNU.sparse.size", "100");
	archive_record(&zero, "GNU.sparse.numblocks", "2");
	archive_record(&zero, "GNU.sparse.offset", "10");
	archive_record(&zero, "GNU.sparse.numbytes", "3");
	archive_record(&zero, "GNU.sparse.offset", "90");
	archive_record(&zero, "GNU.sparse.numbytes", "4");
	archive_extend(&a, 'x', &zero);
	archive_add(&a, .path = "holey", .data = "abcdefg");
	archive_record(&one, "GNU.sparse.size", "100");
	archive_record(&one, "GNU.sparse.name", "holey");
	archive_record(&one, "GNU.sparse.map", "10,3,90,4");
	archive_extend(&a, 'x', &one);
	archive_add(&a, .path = "GNUSparseFile.1/holey", .data = "abcdefg");
	archive_record(&two, "GNU.sparse.major", "1");
	archive_record(&two, "GNU.sparse.minor", "0");
	archive_record(&two, "GNU.sparse.name", "holey");
	archive_record(&two, "GNU.sparse.realsize", "100");
	archive_extend(&a, 'x', &two);
	archive_add(&a, .path = "GNUSparseFile.1/holey",
		    .data = "2\n10\n3\n90\n4\n"
			    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		    .bytes = 12);
	a.len -= 512;
	buf_puts(&a, "2\n10\n3\n90\n4\n");
	archive_pad(&a);
	buf_puts(&a, "abcdefg");
	archive_pad(&a);
	memcpy(a.data + a.len - 3 * 512 + 124, "00000001007", 11); /* 512 + 7 */
	archive_seal((unsigned char *)a.data + a.len - 3 * 512, false);
	archive_add(&a, .path = "next");
	return reads(&a, HOLEY HOLEY HOLEY "f next 644 0:0 0 0.000000000\n");
}

static bool maps_that_lie_are_refused(void)
{
	static const char *const maps[] = {
		"10,3,90,5",  /* more than is there */
		"10,3,90,3",  /* less */
		"10,3,99,4",  /* beyond the end */
		"90,4,10,3",  /* out of order */
		"10,5,12,2",  /* upon each other */
		"10,18446744073709551615,9,8",
		"10,3,90",
	};

	for (size_t i = 0; i < sizeof(maps) / sizeof(*maps); i++) {
		auto_buf struct buf a = {}, records = {};

		archive_record(&records, "GNU.sparse.size", "100");
		archive_record(&records, "GNU.sparse.map", maps[i]);
		archive_extend(&a, 'x', &records);
		archive_add(&a, .path = "f", .data = "abcdefg");
		if (!refuses(&a, "archive, at byte 1536: the map of a sparse file contradicts "
				 "itself"))
			return false;
	}
	return true;
}

static int pieces_skip(void *context, uint64_t n, struct err *err)
{
	struct pieces *pieces = context;

	(void)err;
	if (n > pieces->bytes->len - pieces->at)
		return 0;
	pieces->at += n;
	return 1;
}

/* The paths, and where in the archive the contents of each begin. */
static int read_paths(const struct buf *archive, struct buf *out, size_t *ret_offset,
		      struct err *err)
{
	struct pieces pieces = { archive, 0, TAR_BLOCK };
	struct tar_input input = pieces_input(&pieces);
	auto_tar struct tar_reader reader;
	struct tar_entry e;
	int r;

	input.skip = pieces_skip;
	tar_init(&reader, &input);
	while ((r = tar_next(&reader, &e, err)) > 0)
		buf_printf(out, "%s@%llu ", e.path, (unsigned long long)reader.offset);
	*ret_offset = reader.offset;
	return r;
}

static bool an_input_may_pass_over_contents(void)
{
	auto_buf struct buf a = {}, out = {};
	size_t end;
	struct err err = {};

	archive_add(&a, .path = "a", .data = "x");
	archive_add(&a, .path = "b", .data = (const char[2000]){ "y" }, .bytes = 2000);
	archive_add(&a, .path = "c");
	archive_end(&a);
	if (!CHECK(read_paths(&a, &out, &end, &err) == 0) ||
	    !CHECK_STR(buf_str(&out), "a@512 b@1536 c@4096 ") || !CHECK(end == a.len))
		return false;
	a.len = 3000;
	return CHECK(read_paths(&a, &out, &end, &err) == -EBADMSG) &&
	       CHECK_STR(err.msg, "archive, at byte 3536: it breaks off");
}

int main(void)
{
	TEST(all_kinds_are_read);
	TEST(contents_that_are_not_read_are_skipped);
	TEST(an_input_may_pass_over_contents);
	TEST(both_ways_to_sum_bytes_are_right);
	TEST(an_end_may_be_missing_but_not_half_there);
	TEST(what_is_no_archive_is_refused);
	TEST(a_prefix_counts_where_the_magic_says_so);
	TEST(old_archives_mark_directories_by_a_slash);
	TEST(numbers_that_do_not_fit_are_in_base_256);
	TEST(owners_that_cannot_be_are_refused);
	TEST(long_names_of_gnu_are_read);
	TEST(an_extended_header_counts_for_the_next_entry_only);
	TEST(a_size_is_that_of_the_file_and_of_no_header_between);
	TEST(sizes_of_what_has_no_contents_are_ignored);
	TEST(global_headers_are_checked_and_ignored);
	TEST(a_description_of_nothing_is_refused);
	TEST(extended_headers_are_bounded);
	TEST(unknown_and_empty_entries_are_refused);
	TEST(sparse_files_of_old_gnu_are_read);
	TEST(sparse_files_of_pax_are_read);
	TEST(maps_that_lie_are_refused);
	return tap_done();
}
