/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives that GNU tar and bsdtar write, read by us and by libarchive: both must see the same.
 * (But for parts of seconds before 1970, which libarchive adds where POSIX and Go subtract them.)
 */
#include "layer/pack.h"

#include "base/buf.h"
#include "image/hash.h"
#include "tap.h"
#include "tmpdir.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* ------------------------------------------------------------------------------- the tree */

static bool run(const char *dir, const char *command)
{
	auto_buf struct buf line = {};

	buf_printf(&line, "cd '%s' && { %s; } >/dev/null 2>&1", dir, command);
	return system(line.data) == 0;
}

static bool make_tree(const struct tmpdir *dir)
{
	return run(dir->path,
		   "deep=$(head -c 150 /dev/zero | tr '\\0' d); odd=$(printf 'a b\\nc\\303\\244');"
		   "mkdir -p t/sub/$deep && cd t && echo text >file && chmod 4755 file &&"
		   "ln file hard && ln -s file soft && ln -s sub/$deep far &&"
		   "mkfifo -m 600 pipe && head -c 70000 /dev/zero | tr '\\0' x >large &&"
		   ": >empty && echo long >sub/$deep/$deep && echo odd >\"$odd\" &&"
		   "truncate -s 300000 holes &&"
		   "printf end | dd of=holes bs=1 seek=250000 conv=notrunc &&"
		   "printf mid | dd of=holes bs=1 seek=100000 conv=notrunc &&"
		   "touch -d @1234567890.123456789 file && touch -d @-77 empty &&"
		   "touch -d @9999999999 large");
}

/* ------------------------------------------------------------------------------- descriptions */

static void describe_xattr(struct buf *out, const char *name, const void *value, size_t n)
{
	buf_printf(out, " %s=", name);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%02x", ((const unsigned char *)value)[i]);
}

static void describe_common(struct buf *out, const char *path, const char *target, char kind,
			    unsigned mode, uint64_t uid, uint64_t gid)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	buf_printf(out, "%c %.*s -> %s %llu:%llu", kind, (int)len, path, target ? target : "",
		   (unsigned long long)uid, (unsigned long long)gid);
	if (kind != 'h')
		buf_printf(out, " %o", mode);
}

struct file_input {
	int fd;
	char bytes[65536];
};

static ssize_t file_next(void *context, const void **ret, struct err *err)
{
	struct file_input *file = context;
	ssize_t n = read(file->fd, file->bytes, sizeof(file->bytes));

	*ret = file->bytes;
	return n < 0 ? err_sys(err, errno, "read") : n;
}

/* Contents with their holes, hashed. */
static bool our_contents(struct tar_reader *reader, const struct tar_entry *e, struct buf *out,
			 struct err *err)
{
	auto_hash struct hash *hash = hash_new(DIGEST_SHA256);
	auto_free char *whole = calloc(1, e->bytes + 1);
	struct digest digest;
	struct tar_piece p;
	int r;

	while ((r = tar_data(reader, &p, err)) > 0)
		memcpy(whole + p.at, p.bytes, p.n);
	hash_add(hash, whole, e->bytes);
	hash_digest(hash, &digest);
	buf_printf(out, " %llu %s", (unsigned long long)e->bytes, digest.text);
	return r == 0;
}

static bool describe_ours(const char *path, struct buf *out)
{
	auto_free struct file_input *file = calloc(1, sizeof(*file));
	struct tar_input input = { file_next, file };
	auto_tar struct tar_reader reader;
	struct tar_entry e;
	struct err err = {};
	int r;

	file->fd = open(path, O_RDONLY | O_CLOEXEC);
	tar_init(&reader, &input);
	while ((r = tar_next(&reader, &e, &err)) > 0) {
		describe_common(out, e.path, e.target, "fdlhcbp"[e.kind], e.mode, e.uid, e.gid);
		if (e.kind == TAR_FILE && !our_contents(&reader, &e, out, &err))
			break;
		buf_printf(out, " %lld.%09ld", (long long)e.mtime.tv_sec, e.mtime.tv_nsec);
		for (size_t i = 0; i < e.n_xattrs; i++)
			if (i == 0 || strcmp(e.xattrs[i].name, e.xattrs[i - 1].name) != 0)
				describe_xattr(out, e.xattrs[i].name, e.xattrs[i].value,
					       e.xattrs[i].len);
		buf_puts(out, "\n");
	}
	closep(&file->fd);
	if (r < 0)
		printf("# %s\n", err.msg);
	return r == 0;
}

static char kind_of(struct archive_entry *e)
{
	if (archive_entry_hardlink(e))
		return 'h';
	switch (archive_entry_filetype(e)) {
	case AE_IFDIR:
		return 'd';
	case AE_IFLNK:
		return 'l';
	case AE_IFIFO:
		return 'p';
	default:
		return 'f';
	}
}

static bool their_contents(struct archive *a, struct archive_entry *e, struct buf *out)
{
	size_t bytes = (size_t)archive_entry_size(e);
	auto_hash struct hash *hash = hash_new(DIGEST_SHA256);
	auto_free char *whole = calloc(1, bytes + 1);
	struct digest digest;
	const void *block;
	size_t n;
	la_int64_t at;

	while (archive_read_data_block(a, &block, &n, &at) == ARCHIVE_OK)
		memcpy(whole + at, block, n);
	hash_add(hash, whole, bytes);
	hash_digest(hash, &digest);
	buf_printf(out, " %zu %s", bytes, digest.text);
	return true;
}

static bool describe_theirs(const char *path, struct buf *out)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	int r;

	(void)archive_read_support_format_tar(a);
	r = archive_read_open_filename(a, path, 65536);
	while (r == ARCHIVE_OK && (r = archive_read_next_header(a, &e)) == ARCHIVE_OK) {
		char kind = kind_of(e);
		const char *name, *target = archive_entry_hardlink(e);
		const void *value;
		size_t n;

		describe_common(out, archive_entry_pathname(e),
				target ? target : archive_entry_symlink(e), kind,
				archive_entry_perm(e), (uint64_t)archive_entry_uid(e),
				(uint64_t)archive_entry_gid(e));
		if (kind == 'f')
			(void)their_contents(a, e, out);
		buf_printf(out, " %lld.%09ld", (long long)archive_entry_mtime(e),
			   archive_entry_mtime_nsec(e));
		(void)archive_entry_xattr_reset(e);
		while (archive_entry_xattr_next(e, &name, &value, &n) == ARCHIVE_OK)
			describe_xattr(out, name, value, n);
		buf_puts(out, "\n");
	}
	if (r != ARCHIVE_EOF)
		printf("# %s\n", archive_error_string(a));
	(void)archive_read_free(a);
	return r == ARCHIVE_EOF;
}

/* Both read DIR/a.tar. */
static bool agree_on(const struct tmpdir *dir)
{
	auto_buf struct buf ours = {}, theirs = {};
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/a.tar", dir->path);
	return CHECK(describe_ours(path, &ours)) && CHECK(describe_theirs(path, &theirs)) &&
	       CHECK(ours.len > 200) && CHECK_STR(ours.data, theirs.data);
}

static bool agree(const char *maker)
{
	auto_tmpdir struct tmpdir dir;

	tmpdir_make(&dir);
	return CHECK(make_tree(&dir)) && CHECK(run(dir.path, maker)) && agree_on(&dir);
}

static bool agree_on_all(const char *const *makers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!agree(makers[i])) {
			printf("# %s\n", makers[i]);
			return false;
		}
	return true;
}

#define AGREE_ON_ALL(makers) agree_on_all(makers, sizeof(makers) / sizeof((makers)[0]))

static bool archives_of_gnu_tar_are_read_alike(void)
{
	static const char *const makers[] = {
		"tar --format=gnu -cf a.tar t",
		"tar --format=oldgnu -cf a.tar t",
		"tar --format=posix -cf a.tar t",
		"tar --format=posix --xattrs -cf a.tar t",
		"tar --format=gnu --owner=x:3000000 --group=y:4000000 -cf a.tar t",
		"tar --format=posix --owner=x:3000000 --group=y:4000000 -cf a.tar t",
		"rm -rf t/sub t/far t/empty t/pipe && touch t/large && tar --format=v7 -cf a.tar t",
		"rm -rf t/sub t/far t/empty && touch t/large && tar --format=ustar -cf a.tar t",
	};

	return AGREE_ON_ALL(makers);
}

static bool sparse_archives_are_read_alike(void)
{
	static const char *const makers[] = {
		"tar --format=gnu -Scf a.tar t",
		"tar --format=posix -S --sparse-version=0.0 -cf a.tar t",
		"tar --format=posix -S --sparse-version=0.1 -cf a.tar t",
		"tar --format=posix -S --sparse-version=1.0 -cf a.tar t",
	};

	return AGREE_ON_ALL(makers);
}

static bool archives_of_bsdtar_are_read_alike(void)
{
	static const char *const makers[] = {
		"bsdtar --format=pax -cf a.tar t",
		"bsdtar --format=gnutar -cf a.tar t",
		"bsdtar --format=pax --no-read-sparse -cf a.tar t",
		"rm -rf t/sub t/far t/empty && bsdtar --format=ustar -cf a.tar t",
		"rm -rf t/sub t/far t/empty t/pipe && bsdtar --format=v7tar -cf a.tar t",
	};

	return AGREE_ON_ALL(makers);
}

static int write_out(void *context, const void *bytes, size_t n, struct err *err)
{
	const int *fd = context;

	return write(*fd, bytes, n) == (ssize_t)n ? 0 : err_sys(err, errno, "write");
}

static bool archives_of_ours_are_read_alike(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int root_fd = -1, out_fd = -1;
	struct layer_packed packed;
	struct layer_pack request = { .max_mtime = -1, .output = { write_out, &out_fd } };
	struct err err;

	tmpdir_make(&dir);
	if (!CHECK(make_tree(&dir)))
		return false;
	root_fd = openat(dir.fd, "t", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	out_fd = openat(dir.fd, "a.tar", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	request.root_fd = root_fd;
	return CHECK(layer_pack(&request, &packed, &err) == 0) && agree_on(&dir);
}

int main(void)
{
	(void)setlocale(LC_ALL, "C.UTF-8"); /* libarchive turns names into characters */
	TEST(archives_of_gnu_tar_are_read_alike);
	TEST(sparse_archives_are_read_alike);
	TEST(archives_of_ours_are_read_alike);
	if (run("/", "bsdtar --version"))
		TEST(archives_of_bsdtar_are_read_alike);
	else
		SKIP(archives_of_bsdtar_are_read_alike, "needs bsdtar");
	return tap_done();
}
