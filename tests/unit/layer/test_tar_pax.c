/* SPDX-License-Identifier: Apache-2.0 */
#include "layer/tar_pax.h"

#include "archive.h"

#include <errno.h>

static int parse(struct tar_pax *pax, struct buf *records, struct err *err)
{
	tar_pax_reset(pax);
	return tar_pax_parse(pax, records->data, records->len, err);
}

static bool times_are_read_to_the_nanosecond(void)
{
	static const struct {
		const char *text;
		int64_t sec;
		long ns;
	} rows[] = {
		{ "0", 0, 0 }, { "1.5", 1, 500000000 }, { "-1", -1, 0 }, { "-1.25", -2, 750000000 },
		{ "-0.5", -1, 500000000 }, { "3.", 3, 0 }, { "1.0000000019", 1, 1 },
		{ "9223372036854775807.999999999", INT64_MAX, 999999999 },
		{ "-9223372036854775808", INT64_MIN, 0 }, { "1.000000000", 1, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		auto_buf struct buf records = {};
		struct tar_pax pax = {};
		struct err err = {};

		archive_record(&records, "mtime", rows[i].text);
		if (!CHECK(parse(&pax, &records, &err) == 0) || !CHECK(pax.said == PAX_MTIME) ||
		    !CHECK(pax.mtime.tv_sec == rows[i].sec) ||
		    !CHECK(pax.mtime.tv_nsec == rows[i].ns))
			return false;
	}
	return true;
}

static bool malformed_records_fail(void)
{
	static const char *const bad[] = {
		"x", "5", "5 ", "0 a=b\n", "6 a=b", "5 a=b\n", "7 a=b\n", "99999999999 a=b\n",
		"-6 a=b\n", "6 ab\n\n", "6 =ab\n", "+6 a=b\n", " 6 a=b\n", "4 =\n", "3 \n",
		"6 a=b\n6 c=d",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		auto_buf struct buf records = {};
		struct tar_pax pax = {};
		struct err err = {};

		buf_puts(&records, bad[i]);
		if (!CHECK(parse(&pax, &records, &err) == -EBADMSG) ||
		    !CHECK_STR(err.msg, "malformed PAX record"))
			return false;
	}
	return true;
}

static bool malformed_values_fail(void)
{
	static const char *const bad[][2] = {
		{ "size", "-1" }, { "size", "9223372036854775808" }, { "size", "1x" },
		{ "uid", "4294967295" }, { "uid", "-1" }, { "gid", "4294967296" },
		{ "mtime", "" "." }, { "mtime", "1.x" }, { "mtime", "1,5" }, { "mtime", "--1" },
		{ "mtime", "-9223372036854775808.5" }, { "GNU.sparse.numbytes", "1" },
		{ "GNU.sparse.map", "1,2,x" }, { "GNU.sparse.map", "-1,2" },
		{ "LIBARCHIVE.xattr.user.a", "no base 64!" }, { "SCHILY.xattr.", "x" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		auto_buf struct buf records = {};
		struct tar_pax pax = {};
		struct err err = {};
		bool ok;

		archive_record(&records, bad[i][0], bad[i][1]);
		ok = CHECK(parse(&pax, &records, &err) == -EBADMSG) &&
		     CHECK(strncmp(err.msg, "malformed value of PAX '", 24) == 0);
		tar_pax_done(&pax);
		if (!ok) {
			printf("# %s=%s\n", bad[i][0], bad[i][1]);
			return false;
		}
	}
	return true;
}

/* What follows it would be seen by some readers, and not by others. */
static bool a_nul_in_a_name_fails(void)
{
	static const char *const keys[] = { "path", "linkpath", "uname", "gname", "size" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		auto_buf struct buf records = {};
		struct tar_pax pax = {};
		struct err err = {};

		archive_record_bytes(&records, keys[i], "1\0002", 3);
		if (!CHECK(parse(&pax, &records, &err) == -EBADMSG))
			return false;
	}
	return true;
}

static bool the_later_wins_and_nothing_takes_back(void)
{
	auto_buf struct buf records = {};
	struct tar_pax pax = {};
	struct err err = {};

	archive_record(&records, "path", "first");
	archive_record(&records, "path", "second");
	archive_record(&records, "uname", "someone");
	archive_record(&records, "uname", "");
	return CHECK(parse(&pax, &records, &err) == 0) && CHECK(pax.said == PAX_PATH) &&
	       CHECK_STR(pax.path, "second");
}

static const struct tar_xattr *xattr(const struct tar_pax *pax, size_t i)
{
	return (const struct tar_xattr *)(const void *)pax->xattrs.data + i;
}

static bool attributes_are_any_bytes(void)
{
	auto_buf struct buf records = {};
	struct tar_pax pax = {};
	struct err err = {};
	bool ok;

	archive_record_bytes(&records, "SCHILY.xattr.security.capability", "\1\0=\n\2", 5);
	archive_record(&records, "LIBARCHIVE.xattr.user.a%3db%zz", "AP+A");
	archive_record(&records, "LIBARCHIVE.xattr.user.c", "AA==");
	archive_record(&records, "SCHILY.xattr.user.empty", "");
	archive_record(&records, "SCHILY.acl.access", "user::rwx");
	ok = CHECK(parse(&pax, &records, &err) == 0) &&
	     CHECK(pax.xattrs.len == 4 * sizeof(struct tar_xattr)) &&
	     CHECK_STR(xattr(&pax, 0)->name, "security.capability") &&
	     CHECK(xattr(&pax, 0)->len == 5) &&
	     CHECK(memcmp(xattr(&pax, 0)->value, "\1\0=\n\2", 5) == 0) &&
	     CHECK_STR(xattr(&pax, 1)->name, "user.a=b%zz") && CHECK(xattr(&pax, 1)->len == 3) &&
	     CHECK(memcmp(xattr(&pax, 1)->value, "\0\xff\x80", 3) == 0) &&
	     CHECK(xattr(&pax, 2)->len == 1) && CHECK(xattr(&pax, 3)->len == 0);
	tar_pax_done(&pax);
	return ok;
}

int main(void)
{
	TEST(times_are_read_to_the_nanosecond);
	TEST(malformed_records_fail);
	TEST(malformed_values_fail);
	TEST(a_nul_in_a_name_fails);
	TEST(the_later_wins_and_nothing_takes_back);
	TEST(attributes_are_any_bytes);
	return tap_done();
}
