/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes files by name. What has its name in a directory is whole: it is written under another and
 * renamed. So is an archive, as long as it is a file; a pipe takes the bytes as they come. An entry
 * has the header of ustar, and a PAX header in front where that has no room; its owner, its time
 * and its mode are the same for all.
 */
#include "transport/output.h"

#include "layer/tar_header.h"
#include "sys/resolve.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TMP_NAME ".tare.partial"
#define MAX_NAME_BYTES ((size_t)100)            /* of a header's name field */
#define MAX_SIZE ((UINT64_C(1) << 33) - 1)      /* of its size field */

void output_done(struct output *output)
{
	closep(&output->dir_fd);
	closep(&output->file_fd);
	if (output->tmp)
		(void)unlink(output->tmp);
	buf_done(&output->names);
	arena_done(&output->arena);
	*output = (struct output)OUTPUT_NONE;
}

/* ------------------------------------------------------------------------------- open */

static int open_dir(struct output *output, struct err *err)
{
	if (mkdir(output->path, 0777) < 0 && errno != EEXIST)
		return err_sys(err, errno, "make '%s'", output->path);
	output->dir_fd = open(output->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (output->dir_fd < 0)
		return err_sys(err, errno, "open '%s'", output->path);
	return 0;
}

/* What is no file of that very name is written to, and never replaced: a pipe, a link, our own
 * standard output, which may be a file that has something in it. */
static int open_other(struct output *output, struct err *err)
{
	output->file_fd = strcmp(output->path, "/dev/stdout") == 0
				  ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
				  : open(output->path, O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC);
	return output->file_fd < 0 ? err_sys(err, errno, "open '%s'", output->path) : 0;
}

static int open_file(struct output *output, struct err *err)
{
	struct stat st;
	mode_t mask;

	if (lstat(output->path, &st) == 0 && !S_ISREG(st.st_mode))
		return open_other(output, err);
	output->tmp = arena_printf(&output->arena, "%s.XXXXXX", output->path);
	output->file_fd = mkostemp(output->tmp, O_CLOEXEC);
	if (output->file_fd < 0) {
		output->tmp = NULL;
		return err_sys(err, errno, "make '%s'", output->path);
	}
	mask = umask(0);
	(void)umask(mask);
	(void)fchmod(output->file_fd, 0666 & ~mask);
	return 0;
}

int output_open(const char *path, bool is_archive, struct output *output, struct err *err)
{
	*output = (struct output)OUTPUT_NONE;
	output->path = path;
	return is_archive ? open_file(output, err) : open_dir(output, err);
}

/* ------------------------------------------------------------------------------- archive */

static void put_octal(unsigned char *field, size_t n, uint64_t value)
{
	for (field[--n] = '\0'; n-- > 0; value >>= 3)
		field[n] = (unsigned char)('0' + (value & 7));
}

static void add_header(struct buf *out, char type, const char *name, uint64_t bytes)
{
	unsigned char block[TAR_BLOCK] = {};
	unsigned sum = 0;

	memcpy(block, name, strnlen(name, MAX_NAME_BYTES));
	put_octal(block + 100, 8, 0644);
	put_octal(block + 108, 8, 0);
	put_octal(block + 116, 8, 0);
	put_octal(block + 124, 12, bytes > MAX_SIZE ? 0 : bytes);
	put_octal(block + 136, 12, 0);
	memset(block + 148, ' ', 8);
	block[156] = (unsigned char)type;
	memcpy(block + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof(block); i++)
		sum += block[i];
	put_octal(block + 148, 7, sum);
	buf_add(out, block, sizeof(block));
}

static void add_padding(struct buf *out, uint64_t bytes)
{
	static const char zeros[TAR_BLOCK];

	buf_add(out, zeros, -bytes % TAR_BLOCK);
}

/* "LEN KEY=VALUE\n", where LEN counts its own digits too. */
static void add_record(struct buf *out, const char *key, const char *value)
{
	int rest = (int)(strlen(key) + strlen(value) + 3), len = rest + 1;

	while (len != rest + snprintf(NULL, 0, "%d", len))
		len++;
	buf_printf(out, "%d %s=%s\n", len, key, value);
}

static void add_entry(struct buf *out, const char *name, uint64_t bytes)
{
	auto_buf struct buf records = {};
	char number[24];

	if (strlen(name) > MAX_NAME_BYTES)
		add_record(&records, "path", name);
	(void)snprintf(number, sizeof(number), "%" PRIu64, bytes);
	if (bytes > MAX_SIZE)
		add_record(&records, "size", number);
	if (records.len) {
		add_header(out, 'x', "pax", records.len);
		buf_add(out, records.data, records.len);
		add_padding(out, records.len);
	}
	add_header(out, '0', name, bytes);
}

static int begin_entry(struct output *output, const char *name, uint64_t bytes, struct err *err)
{
	auto_buf struct buf header = {};
	char *copy = arena_strdup(&output->arena, name);

	add_entry(&header, name, bytes);
	buf_add(&output->names, &copy, sizeof(copy));
	return buf_write_fd(&header, output->file_fd, output->path, err);
}

static int end_entry(struct output *output, uint64_t bytes, struct err *err)
{
	auto_buf struct buf padding = {};

	add_padding(&padding, bytes);
	return buf_write_fd(&padding, output->file_fd, output->path, err);
}

/* ------------------------------------------------------------------------------- directory */

/* A file on its way to its name. */
struct growing {
	const char *name, *base;
	int dir_fd, fd;
};

static void growing_done(struct growing *file)
{
	closep(&file->dir_fd);
	closep(&file->fd);
}

static int begin_file(const struct output *output, struct growing *file, struct err *err)
{
	file->dir_fd = resolve_ensure_parent(output->dir_fd, file->name, &file->base);
	if (file->dir_fd < 0)
		return err_sys(err, -file->dir_fd, "make '%s/%s'", output->path, file->name);
	(void)unlinkat(file->dir_fd, TMP_NAME, 0);
	file->fd = openat(file->dir_fd, TMP_NAME,
			  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (file->fd < 0)
		return err_sys(err, errno, "make '%s/%s'", output->path, file->name);
	return 0;
}

static int end_file(const struct output *output, const struct growing *file, struct err *err)
{
	if (renameat(file->dir_fd, TMP_NAME, file->dir_fd, file->base) < 0)
		return err_sys(err, errno, "make '%s/%s'", output->path, file->name);
	return 0;
}

/* ------------------------------------------------------------------------------- files */

bool output_has(const struct output *output, const char *name)
{
	char *const *names = (const void *)output->names.data;

	if (output->dir_fd >= 0)
		return faccessat(output->dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	for (size_t i = 0; i < output->names.len / sizeof(*names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* What to write: an extent, or else bytes. */
struct content {
	const struct extent *extent;
	const struct digest *digest;
	struct buf bytes;
};

static int write_content(const struct output *output, int fd, const struct content *content,
			 struct err *err)
{
	return content->extent ? extent_copy(content->extent, content->digest, fd, err)
			       : buf_write_fd(&content->bytes, fd, output->path, err);
}

static int put_in_archive(struct output *output, const char *name, const struct content *content,
			  struct err *err)
{
	uint64_t size = content->extent ? content->extent->bytes : content->bytes.len;
	int r = begin_entry(output, name, size, err);

	if (r == 0)
		r = write_content(output, output->file_fd, content, err);
	return r < 0 ? r : end_entry(output, size, err);
}

static int put_in_dir(struct output *output, const char *name, const struct content *content,
		      struct err *err)
{
	auto_cleanup(growing_done) struct growing file = { name, NULL, -1, -1 };
	int r = begin_file(output, &file, err);

	if (r < 0)
		return r;
	r = write_content(output, file.fd, content, err);
	if (r == 0)
		r = end_file(output, &file, err);
	if (r < 0)
		(void)unlinkat(file.dir_fd, TMP_NAME, 0);
	return r;
}

static int put(struct output *output, const char *name, const struct content *content,
	       struct err *err)
{
	return output->dir_fd >= 0 ? put_in_dir(output, name, content, err)
				   : put_in_archive(output, name, content, err);
}

int output_put(struct output *output, const char *name, const void *bytes, size_t n,
	       struct err *err)
{
	const struct content content = { .bytes = { .data = (char *)bytes, .len = n } };

	return put(output, name, &content, err);
}

int output_copy(struct output *output, const char *name, const struct extent *from,
		const struct digest *digest, struct err *err)
{
	const struct content content = { .extent = from, .digest = digest };

	return put(output, name, &content, err);
}

int output_finish(struct output *output, struct err *err)
{
	auto_buf struct buf end = {};
	static const char zeros[2 * TAR_BLOCK];
	int r;

	if (output->dir_fd >= 0)
		return 0;
	buf_add(&end, zeros, sizeof(zeros));
	r = buf_write_fd(&end, output->file_fd, output->path, err);
	if (r < 0 || !output->tmp)
		return r;
	if (rename(output->tmp, output->path) < 0)
		return err_sys(err, errno, "make '%s'", output->path);
	output->tmp = NULL;
	return 0;
}
