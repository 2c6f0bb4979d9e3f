/* SPDX-License-Identifier: Apache-2.0 */
#include "transport/archive.h"

#include "layer/archive.h"
#include "layer/packed.h"

#include <fcntl.h>
#include <sys/stat.h>

static void archive_freep(struct archive **archive)
{
	archive_free(*archive);
}
#define auto_archive auto_cleanup(archive_freep)

/* Open the bytes as a file that is only known to this process. */
static int open_bytes(const struct buf *bytes, struct archive **ret, struct err *err)
{
	auto_close int fd = packed_file(bytes);
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return archive_open(path, "/tmp", ret, err);
}

static bool opens(const struct buf *bytes, struct archive **ret)
{
	struct err err = {};

	if (CHECK(open_bytes(bytes, ret, &err) == 0))
		return true;
	printf("# %s\n", err.msg);
	return false;
}

static bool refuses_to_open(const struct buf *bytes, const char *why)
{
	auto_archive struct archive *archive = NULL;
	struct err err = {};

	if (CHECK(open_bytes(bytes, &archive, &err) == -EBADMSG) &&
	    CHECK(err.kind == ERR_USAGE) && CHECK(strstr(err.msg, why)))
		return true;
	printf("# %s\n", err.msg);
	return false;
}

static bool holds(const struct archive *archive, const char *name, const char *want)
{
	auto_extent struct extent extent = EXTENT_NONE;
	auto_buf struct buf text = {};
	struct err err = {};

	if (CHECK(archive_find(archive, name, ARCHIVE_LAST, &extent, &err) == 0) &&
	    CHECK(extent_read(&extent, NULL, 1 << 20, &text, &err) == 0))
		return CHECK_STR(buf_str(&text), want);
	printf("# %s\n", err.msg);
	return false;
}

static bool lacks(const struct archive *archive, const char *name)
{
	struct extent extent;
	struct err err = {};

	return CHECK(archive_find(archive, name, ARCHIVE_LAST, &extent, &err) == -ENOENT) &&
	       CHECK(err.kind == ERR_NOT_FOUND);
}

static bool files_are_found_where_they_lie(void)
{
	auto_archive struct archive *archive = NULL;
	auto_extent struct extent extent = EXTENT_NONE;
	auto_buf struct buf a = {};
	struct err err = {};

	archive_add(&a, .path = "dir", .type = '5');
	archive_add(&a, .path = "dir/one", .data = "1");
	archive_add(&a, .path = "two", .data = "22");
	archive_add(&a, .path = "none");
	archive_end(&a);
	return opens(&a, &archive) && holds(archive, "dir/one", "1") &&
	       holds(archive, "two", "22") && holds(archive, "none", "") && lacks(archive, "dir") &&
	       lacks(archive, "three") &&
	       CHECK(archive_find(archive, "two", ARCHIVE_LAST, &extent, &err) == 0) &&
	       CHECK(extent.at == 2048) && CHECK(extent.bytes == 2);
}

static bool names_are_compared_without_dots(void)
{
	auto_archive struct archive *archive = NULL;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "./a", .data = "a");
	archive_add(&a, .path = "/b//./c", .data = "c");
	archive_add(&a, .path = "d/../e", .data = "e");
	archive_end(&a);
	return opens(&a, &archive) && holds(archive, "a", "a") && holds(archive, "/a", "a") &&
	       holds(archive, "b/c", "c") && holds(archive, "x/../e", "e");
}

static bool what_leads_out_is_not_there(void)
{
	auto_archive struct archive *archive = NULL;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "../a", .data = "a");
	archive_add(&a, .path = "d/../../b", .data = "b");
	archive_add(&a, .path = "etc", .type = '2', .target = "/etc/passwd");
	archive_add(&a, .path = "up", .type = '2', .target = "../../etc/passwd");
	archive_add(&a, .path = "hard", .type = '1', .target = "../x");
	archive_add(&a, .path = "absolute", .type = '2', .target = "/x");
	archive_add(&a, .path = "x", .data = "x");
	archive_end(&a);
	return opens(&a, &archive) && lacks(archive, "a") && lacks(archive, "../a") &&
	       lacks(archive, "b") && lacks(archive, "etc") && lacks(archive, "up") &&
	       lacks(archive, "hard") && lacks(archive, "absolute") &&
	       lacks(archive, "/etc/passwd") && lacks(archive, "..") && lacks(archive, "");
}

/* As docker writes a layer that is there already. */
static bool links_lead_within(void)
{
	auto_archive struct archive *archive = NULL;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "x/layer.tar", .type = '2', .target = "../y/layer.tar");
	archive_add(&a, .path = "y/layer.tar", .type = '2', .target = "../z.tar");
	archive_add(&a, .path = "z.tar", .data = "z");
	archive_add(&a, .path = "y/hard", .type = '1', .target = "z.tar");
	archive_add(&a, .path = "dangling", .type = '2', .target = "nowhere");
	archive_end(&a);
	return opens(&a, &archive) && holds(archive, "x/layer.tar", "z") &&
	       holds(archive, "y/hard", "z") && lacks(archive, "dangling");
}

static bool a_link_to_itself_ends(void)
{
	auto_archive struct archive *archive = NULL;
	auto_buf struct buf a = {};
	struct extent extent;
	struct err err = {};

	archive_add(&a, .path = "a", .type = '2', .target = "b");
	archive_add(&a, .path = "b", .type = '2', .target = "a");
	archive_end(&a);
	return opens(&a, &archive) &&
	       CHECK(archive_find(archive, "a", ARCHIVE_LAST, &extent, &err) == -EBADMSG) &&
	       CHECK_STR(err.msg, "'a' is a link without end");
}

static bool what_stands_twice_is_the_last_or_refused(void)
{
	auto_archive struct archive *archive = NULL;
	auto_buf struct buf a = {};
	struct extent extent;
	struct err err = {};

	archive_add(&a, .path = "a", .data = "first");
	archive_add(&a, .path = "./a", .data = "last");
	archive_end(&a);
	return opens(&a, &archive) && holds(archive, "a", "last") &&
	       CHECK(archive_find(archive, "a", ARCHIVE_REFUSE, &extent, &err) == -EBADMSG) &&
	       CHECK(strstr(err.msg, "'a' is there twice"));
}

/* Its bytes are not where its offset says. */
static bool sparse_files_are_not_there(void)
{
	auto_archive struct archive *archive = NULL;
	auto_buf struct buf a = {}, records = {};

	archive_record(&records, "GNU.sparse.size", "100");
	archive_record(&records, "GNU.sparse.map", "10,1");
	archive_extend(&a, 'x', &records);
	archive_add(&a, .path = "sparse", .data = "a");
	archive_end(&a);
	return opens(&a, &archive) && lacks(archive, "sparse");
}

static void add_layers(struct buf *archive)
{
	auto_buf struct buf text = {};

	packed_text(&text, 50000);
	archive_add(archive, .path = "large", .data = text.data, .bytes = text.len);
	archive_add(archive, .path = "small", .data = "s");
	archive_end(archive);
}

static bool a_compressed_archive_is_read(void)
{
	auto_archive struct archive *gz = NULL, *zst = NULL;
	auto_buf struct buf a = {}, gzip = {}, zstd = {};

	add_layers(&a);
	return CHECK(packed_gzip(&gzip, a.data, a.len, NULL)) &&
	       CHECK(packed_zstd(&zstd, a.data, a.len)) && opens(&gzip, &gz) &&
	       holds(gz, "small", "s") && opens(&zstd, &zst) && holds(zst, "small", "s");
}

static bool other_compression_is_named(void)
{
	static const char xz[] = "\xfd" "7zXZ\0", bzip2[] = "BZh91AY";
	const struct buf xz_bytes = { (char *)xz, sizeof(xz), 0 };
	const struct buf bzip2_bytes = { (char *)bzip2, sizeof(bzip2), 0 };

	return refuses_to_open(&xz_bytes, "compressed with xz") &&
	       refuses_to_open(&bzip2_bytes, "compressed with bzip2");
}

/* The file is read in place: nothing of it was copied. */
static bool a_plain_archive_is_not_copied(void)
{
	auto_buf struct buf a = {};
	auto_archive struct archive *archive = NULL;
	auto_extent struct extent extent = EXTENT_NONE;
	auto_close int fd = -1;
	struct stat of_file, of_extent;
	struct err err = {};
	char path[32];

	add_layers(&a);
	fd = packed_file(&a);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return CHECK(archive_open(path, "/nowhere", &archive, &err) == 0) &&
	       CHECK(archive_find(archive, "large", ARCHIVE_LAST, &extent, &err) == 0) &&
	       CHECK(fstat(fd, &of_file) == 0 && fstat(extent.fd, &of_extent) == 0) &&
	       CHECK(of_file.st_ino == of_extent.st_ino && of_file.st_dev == of_extent.st_dev);
}

static bool a_pipe_is_read(void)
{
	auto_archive struct archive *archive = NULL;
	auto_buf struct buf a = {};
	auto_close int from = -1, to = -1;
	struct err err = {};
	char path[32];
	int ends[2];

	archive_add(&a, .path = "a", .data = "a");
	archive_end(&a);
	if (!CHECK(pipe2(ends, O_CLOEXEC) == 0))
		return false;
	from = ends[0];
	to = ends[1];
	if (!CHECK(buf_write_fd(&a, to, "pipe", &err) == 0))
		return false;
	closep(&to);
	to = -1;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", from);
	return CHECK(archive_open(path, "/tmp", &archive, &err) == 0) && holds(archive, "a", "a");
}

static bool damaged_archives_are_refused(void)
{
	auto_buf struct buf a = {}, gzip = {};

	add_layers(&a);
	if (!CHECK(packed_gzip(&gzip, a.data, a.len, NULL)))
		return false;
	a.len = 20000;
	gzip.len /= 2;
	return refuses_to_open(&a, "breaks off") && refuses_to_open(&gzip, "") &&
	       refuses_to_open(&(struct buf){ (char *)"text", 4, 0 }, "archive, at byte");
}

static bool the_number_of_entries_is_limited(void)
{
	auto_buf struct buf a = {}, name = {};

	for (int i = 0; i < 4000; i++)
		buf_puts(&name, "n");
	for (int i = 0; a.len < 48 << 20; i++) {
		archive_long(&a, 'L', name.data);
		archive_add(&a, .path = "n");
	}
	archive_end(&a);
	return refuses_to_open(&a, "it has too many entries");
}

int main(void)
{
	TEST(files_are_found_where_they_lie);
	TEST(names_are_compared_without_dots);
	TEST(what_leads_out_is_not_there);
	TEST(links_lead_within);
	TEST(a_link_to_itself_ends);
	TEST(what_stands_twice_is_the_last_or_refused);
	TEST(sparse_files_are_not_there);
	TEST(a_compressed_archive_is_read);
	TEST(other_compression_is_named);
	TEST(a_plain_archive_is_not_copied);
	TEST(a_pipe_is_read);
	TEST(damaged_archives_are_refused);
	TEST(the_number_of_entries_is_limited);
	return tap_done();
}
