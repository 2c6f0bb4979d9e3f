/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer of archives. A header's fields hold what all readers understand; where one is too
 * small a PAX record in front says it, and the field holds what fits, for who knows no PAX.
 */
#include "layer/tar_write.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PENDING_BYTES ((size_t)256 << 10)
#define CHUNK_BYTES ((size_t)128 << 10)
#define NAME_BYTES 100
#define MAX_OCTAL_7 07777777       /* of a field of 8 bytes */
#define MAX_OCTAL_11 077777777777  /* of one of 12 */

static const char zeros[2 * TAR_BLOCK];

void tar_writer_init(struct tar_writer *writer, const struct tar_output *output)
{
	*writer = (struct tar_writer){ .output = *output };
}

void tar_writer_done(struct tar_writer *writer)
{
	buf_done(&writer->pending);
	buf_done(&writer->records);
}

/* ------------------------------------------------------------------------------- bytes */

static int flush(struct tar_writer *writer, struct err *err)
{
	int r = writer->output.write(writer->output.context, buf_str(&writer->pending),
				     writer->pending.len, err);

	writer->pending.len = 0;
	return r;
}

static int put(struct tar_writer *writer, const void *bytes, size_t n, struct err *err)
{
	const char *at = bytes;

	while (n > 0) {
		size_t room = PENDING_BYTES - writer->pending.len;
		size_t step = n < room ? n : room;
		int r;

		buf_add(&writer->pending, at, step);
		at += step;
		n -= step;
		if (writer->pending.len < PENDING_BYTES)
			continue;
		r = flush(writer, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int put_padding(struct tar_writer *writer, struct err *err)
{
	size_t n = writer->padding;

	writer->padding = 0;
	return put(writer, zeros, n, err);
}

/* ------------------------------------------------------------------------------- records */

/* "LENGTH KEY=VALUE\n", in which LENGTH counts itself. */
static void add_record(struct buf *records, const char *key, const void *value, size_t n)
{
	size_t rest = strlen(key) + n + 3, length = rest + 1;
	char digits[24];

	while (length != rest + (size_t)snprintf(digits, sizeof(digits), "%zu", length))
		length = rest + strlen(digits);
	buf_printf(records, "%zu %s=", length, key);
	buf_add(records, value, n);
	buf_puts(records, "\n");
}

static void add_text(struct buf *records, const char *key, const char *value)
{
	add_record(records, key, value, strlen(value));
}

static void add_number(struct buf *records, const char *key, uint64_t value)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	add_text(records, key, digits);
}

/* Before 1970, what follows the point counts backwards. */
static void add_time(struct buf *records, const struct timespec *time)
{
	bool is_negative = time->tv_sec < 0;
	int64_t seconds = time->tv_sec;
	long ns = time->tv_nsec;
	char text[48];
	int len;

	if (is_negative && ns) {
		seconds++;
		ns = 1000000000 - ns;
	}
	len = snprintf(text, sizeof(text), "%s%lld.%09ld", is_negative && !seconds ? "-" : "",
		       (long long)seconds, ns);
	while (text[len - 1] == '0')
		len--;
	len -= text[len - 1] == '.';
	add_record(records, "mtime", text, (size_t)len);
}

static void add_xattr(struct buf *records, const struct tar_xattr *xattr)
{
	auto_buf struct buf key = {};

	buf_printf(&key, "SCHILY.xattr.%s", xattr->name);
	add_record(records, key.data, xattr->value, xattr->len);
}

static bool fits_time(const struct timespec *time)
{
	return time->tv_nsec == 0 && time->tv_sec >= 0 && time->tv_sec <= MAX_OCTAL_11;
}

static void collect_records(const struct tar_entry *entry, const char *path, struct buf *records)
{
	records->len = 0;
	if (!fits_time(&entry->mtime))
		add_time(records, &entry->mtime);
	if (strlen(path) > NAME_BYTES)
		add_text(records, "path", path);
	if (entry->target && strlen(entry->target) > NAME_BYTES)
		add_text(records, "linkpath", entry->target);
	if (entry->kind == TAR_FILE && entry->bytes > MAX_OCTAL_11)
		add_number(records, "size", entry->bytes);
	if (entry->uid > MAX_OCTAL_7)
		add_number(records, "uid", entry->uid);
	if (entry->gid > MAX_OCTAL_7)
		add_number(records, "gid", entry->gid);
	for (size_t i = 0; i < entry->n_xattrs; i++)
		add_xattr(records, &entry->xattrs[i]);
}

/* ------------------------------------------------------------------------------- headers */

struct header {
	char path[100], mode[8], uid[8], gid[8], bytes[12], mtime[12], checksum[8], type,
		target[100], magic[8], uname[32], gname[32], major[8], minor[8], prefix[155],
		unused[12];
};
_Static_assert(sizeof(struct header) == TAR_BLOCK, "a header is a block");

/* What does not fill the field ends with a NUL. */
static void set_text(char *field, size_t cap, const char *text)
{
	size_t len = strlen(text);

	memcpy(field, text, len < cap ? len : cap);
}

/* A number that is too large is in a record; 0 stands for it here. */
static void set_number(char *field, size_t cap, uint64_t value, uint64_t max)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%0*llo", (int)cap - 1,
		       (unsigned long long)(value <= max ? value : 0));
	memcpy(field, digits, cap);
}

#define SET_TEXT(field, text) set_text(field, sizeof(field), text)
#define SET_8(field, value) set_number(field, sizeof(field), value, MAX_OCTAL_7)
#define SET_12(field, value) set_number(field, sizeof(field), value, MAX_OCTAL_11)

static void seal(struct header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	unsigned sum = 0;
	char digits[8];

	memset(header->checksum, ' ', sizeof(header->checksum));
	for (size_t i = 0; i < sizeof(*header); i++)
		sum += bytes[i];
	(void)snprintf(digits, sizeof(digits), "%06o", sum);
	memcpy(header->checksum, digits, 7);
}

static int put_header(struct tar_writer *writer, struct header *header, struct err *err)
{
	memcpy(header->magic, "ustar\00000", sizeof(header->magic));
	seal(header);
	return put(writer, header, sizeof(*header), err);
}

static int put_records(struct tar_writer *writer, const char *path, struct err *err)
{
	const struct buf *records = &writer->records;
	struct header header = { .type = 'x' };
	char name[NAME_BYTES + 1];
	int r;

	if (records->len == 0)
		return 0;
	(void)snprintf(name, sizeof(name), "PaxHeaders/%s", path);
	SET_TEXT(header.path, name);
	SET_8(header.mode, 0644);
	SET_8(header.uid, 0);
	SET_8(header.gid, 0);
	SET_12(header.bytes, records->len);
	SET_12(header.mtime, 0);
	r = put_header(writer, &header, err);
	if (r == 0)
		r = put(writer, records->data, records->len, err);
	writer->padding = -records->len % TAR_BLOCK;
	return r < 0 ? r : put_padding(writer, err);
}

static int put_entry(struct tar_writer *writer, const struct tar_entry *entry, const char *path,
		     struct err *err)
{
	static const char types[] = {
		[TAR_FILE] = '0', [TAR_HARDLINK] = '1', [TAR_SYMLINK] = '2', [TAR_CHAR] = '3',
		[TAR_BLOCK_DEVICE] = '4', [TAR_DIR] = '5', [TAR_FIFO] = '6',
	};
	struct header header = { .type = types[entry->kind] };

	SET_TEXT(header.path, path);
	SET_8(header.mode, entry->mode);
	SET_8(header.uid, entry->uid);
	SET_8(header.gid, entry->gid);
	SET_12(header.bytes, entry->kind == TAR_FILE ? entry->bytes : 0);
	SET_12(header.mtime, entry->mtime.tv_sec < 0 ? 0 : (uint64_t)entry->mtime.tv_sec);
	SET_TEXT(header.target, entry->target ? entry->target : "");
	SET_8(header.major, major(entry->rdev));
	SET_8(header.minor, minor(entry->rdev));
	return put_header(writer, &header, err);
}

int tar_put(struct tar_writer *writer, const struct tar_entry *entry, struct err *err)
{
	bool needs_slash = entry->kind == TAR_DIR && entry->path[strlen(entry->path) - 1] != '/';
	auto_buf struct buf path = {};
	int r = put_padding(writer, err);

	buf_printf(&path, "%s%s", entry->path, needs_slash ? "/" : "");
	collect_records(entry, path.data, &writer->records);
	if (r == 0)
		r = put_records(writer, entry->path, err);
	if (r == 0)
		r = put_entry(writer, entry, path.data, err);
	writer->data_left = entry->kind == TAR_FILE ? entry->bytes : 0;
	writer->padding = -writer->data_left % TAR_BLOCK;
	return r;
}

int tar_put_data(struct tar_writer *writer, const void *bytes, size_t n, struct err *err)
{
	writer->data_left -= n;
	return put(writer, bytes, n, err);
}

int tar_put_from(struct tar_writer *writer, int fd, uint64_t n, struct err *err)
{
	char chunk[CHUNK_BYTES];
	int r = 0;

	while (r == 0 && n > 0) {
		ssize_t got = read(fd, chunk, n < sizeof(chunk) ? (size_t)n : sizeof(chunk));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, errno, "read");
		if (got == 0)
			return err_set(err, ERR_CONFLICT, EAGAIN, "it shrank while it was read");
		r = tar_put_data(writer, chunk, (size_t)got, err);
		n -= (uint64_t)got;
	}
	return r;
}

int tar_put_end(struct tar_writer *writer, struct err *err)
{
	int r = put_padding(writer, err);

	if (r == 0)
		r = put(writer, zeros, sizeof(zeros), err);
	return r < 0 ? r : flush(writer, err);
}
