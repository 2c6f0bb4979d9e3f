/* SPDX-License-Identifier: Apache-2.0 */
#include "layer/tar_write.h"

#include "pieces.h"
#include "tap.h"

#include <sys/sysmacros.h>

static int add_bytes(void *context, const void *bytes, size_t n, struct err *err)
{
	(void)err;
	buf_add(context, bytes, n);
	return 0;
}

/* An archive of this entry alone, with as many bytes as it says. */
static bool write_one(const struct tar_entry *entry, struct buf *archive)
{
	const struct tar_output output = { add_bytes, archive };
	auto_tar_writer struct tar_writer writer;
	struct err err = {};
	uint64_t left = entry->kind == TAR_FILE && entry->bytes < 1000000 ? entry->bytes : 0;

	tar_writer_init(&writer, &output);
	if (!CHECK(tar_put(&writer, entry, &err) == 0))
		return false;
	for (; left > 0; left--)
		if (!CHECK(tar_put_data(&writer, "x", 1, &err) == 0))
			return false;
	return CHECK(tar_put_end(&writer, &err) == 0);
}

static bool is_same(const struct tar_entry *a, const struct tar_entry *b)
{
	if (!CHECK(a->kind == b->kind) || !CHECK(strncmp(a->path, b->path, strlen(b->path)) == 0) ||
	    !CHECK(strlen(a->path) <= strlen(b->path) + (b->kind == TAR_DIR)) ||
	    !CHECK(!a->target == !b->target) ||
	    (a->target && !CHECK_STR(a->target, b->target)) || !CHECK(a->mode == b->mode) ||
	    !CHECK(a->uid == b->uid) || !CHECK(a->gid == b->gid) || !CHECK(a->bytes == b->bytes) ||
	    !CHECK(a->rdev == b->rdev) || !CHECK(a->mtime.tv_sec == b->mtime.tv_sec) ||
	    !CHECK(a->mtime.tv_nsec == b->mtime.tv_nsec) || !CHECK(a->n_xattrs == b->n_xattrs))
		return false;
	for (size_t i = 0; i < a->n_xattrs; i++)
		if (!CHECK_STR(a->xattrs[i].name, b->xattrs[i].name) ||
		    !CHECK(a->xattrs[i].len == b->xattrs[i].len) ||
		    !CHECK(memcmp(a->xattrs[i].value, b->xattrs[i].value, a->xattrs[i].len) == 0))
			return false;
	return true;
}

static bool comes_back(const struct tar_entry *entry)
{
	auto_buf struct buf archive = {};
	struct pieces pieces = { &archive, 0, 0 };
	struct tar_input input = pieces_input(&pieces);
	auto_tar struct tar_reader reader;
	struct tar_entry back;
	struct err err = {};
	int r;

	tar_init(&reader, &input);
	if (!write_one(entry, &archive) || !CHECK(archive.len % 512 == 0))
		return false;
	r = tar_next(&reader, &back, &err);
	if (r < 0)
		printf("# %s\n", err.msg);
	return CHECK(r == 1) && is_same(&back, entry) &&
	       (entry->bytes > 1000000 || CHECK(tar_next(&reader, &back, &err) == 0));
}

static bool plain_entries_take_one_header(void)
{
	static const struct tar_entry entries[] = {
		{ .kind = TAR_FILE, .path = "f", .mode = 04755, .uid = 1, .gid = 2, .bytes = 513,
		  .mtime = { 1234567890, 0 } },
		{ .kind = TAR_FILE, .path = "empty" },
		{ .kind = TAR_DIR, .path = "d", .mode = 01777 },
		{ .kind = TAR_SYMLINK, .path = "l", .target = "elsewhere" },
		{ .kind = TAR_HARDLINK, .path = "h", .target = "f" },
		{ .kind = TAR_CHAR, .path = "c", .rdev = 0x103 },
		{ .kind = TAR_BLOCK_DEVICE, .path = "b", .rdev = 0x10302 },
		{ .kind = TAR_FIFO, .path = "p", .uid = 2097151, .mtime = { 8589934591, 0 } },
	};

	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		auto_buf struct buf archive = {};

		if (!comes_back(&entries[i]) || !write_one(&entries[i], &archive) ||
		    !CHECK(archive.data[156] != 'x'))
			return false;
	}
	return true;
}

static bool what_does_not_fit_comes_back_too(void)
{
	static const struct tar_xattr xattrs[] = {
		{ "security.capability", "\1\0\0\2=\n\0", 7 }, { "user.empty", "", 0 },
	};
	static const int64_t times[] = { -1, -2, INT64_MIN / 2, 8589934592, INT64_MAX };
	char path[3000], longer[4000];
	struct tar_entry entry = { .kind = TAR_SYMLINK, .path = path, .target = longer,
				   .uid = 2097152, .gid = 4294967294, .xattrs = xattrs,
				   .n_xattrs = 2 };

	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	memset(longer, 't', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	if (!comes_back(&entry))
		return false;
	for (size_t len = 1; len < 300; len++) { /* a length that counts itself */
		path[len] = '\0';
		longer[len] = '\0';
		if (!comes_back(&entry))
			return false;
		path[len] = 'p';
		longer[len] = 't';
	}
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
		for (long ns = 0; ns < 1000000000; ns += 250000000) {
			entry.mtime = (struct timespec){ times[i], ns };
			if (!comes_back(&entry))
				return false;
		}
	entry = (struct tar_entry){ .kind = TAR_FILE, .path = "huge", .bytes = 8589934592 };
	return comes_back(&entry);
}

static int fail(void *context, const void *bytes, size_t n, struct err *err)
{
	(void)context;
	(void)bytes;
	(void)n;
	return err_sys(err, ENOSPC, "write");
}

static bool an_output_that_fails_ends_it(void)
{
	const struct tar_entry entry = { .kind = TAR_FILE, .path = "f", .bytes = 1 };
	const struct tar_output output = { fail, NULL };
	auto_tar_writer struct tar_writer writer;
	struct err err = {};

	tar_writer_init(&writer, &output);
	return CHECK(tar_put(&writer, &entry, &err) == 0) &&
	       CHECK(tar_put_data(&writer, "x", 1, &err) == 0) &&
	       CHECK(tar_put_end(&writer, &err) == -ENOSPC);
}

int main(void)
{
	TEST(plain_entries_take_one_header);
	TEST(what_does_not_fit_comes_back_too);
	TEST(an_output_that_fails_ends_it);
	return tap_done();
}
