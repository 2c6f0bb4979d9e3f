/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PAX records. A record's length counts itself, so values may hold anything; keys we don't know are
 * skipped, but a record that is malformed fails the archive: who skips it reads another file than
 * who does not. Texts and numbers are made C strings where they lie.
 */
#include "layer/tar_pax.h"

#include "base/num.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define MAX_LENGTH_DIGITS 10

struct record {
	char *key, *value; /* both end with a NUL */
	size_t len;        /* of the value */
};

void tar_pax_reset(struct tar_pax *pax)
{
	pax->said = 0;
	pax->xattrs.len = 0;
	tar_sparse_reset(&pax->map);
}

void tar_pax_done(struct tar_pax *pax)
{
	buf_done(&pax->xattrs);
	tar_sparse_done(&pax->map);
}

/* ------------------------------------------------------------------------------- values */

typedef int parse_fn(struct tar_pax *pax, const struct record *record, void *field);

static int take_text(struct tar_pax *pax, const struct record *record, void *out)
{
	(void)pax;
	*(const char **)out = record->value;
	return 0;
}

/* At most what an off_t can be. */
static int take_bytes(struct tar_pax *pax, const struct record *record, void *out)
{
	uint64_t value;

	(void)pax;
	if (num_parse_u64(record->value, &value) < 0 || value > INT64_MAX)
		return -EBADMSG;
	*(uint64_t *)out = value;
	return 0;
}

static int take_id(struct tar_pax *pax, const struct record *record, void *out)
{
	(void)pax;
	return num_parse_id(record->value, out);
}

/* The digits behind the point, as nanoseconds; what is finer is cut off. */
static int parse_fraction(const char *text, long *ret_ns)
{
	long ns = 0, unit = 100000000;

	for (; isdigit((unsigned char)*text); text++) {
		ns += (*text - '0') * unit;
		unit /= 10;
	}
	*ret_ns = ns;
	return *text ? -EBADMSG : 0;
}

/* "-1.25" is a quarter of a second before -1. */
static int take_time(struct tar_pax *pax, const struct record *record, void *out)
{
	struct timespec *time = out;
	char *point = strchr(record->value, '.');
	int64_t seconds;
	long ns = 0;

	(void)pax;
	if (point) {
		if (parse_fraction(point + 1, &ns) < 0)
			return -EBADMSG;
		*point = '\0';
	}
	if (num_parse_i64(record->value, &seconds) < 0)
		return -EBADMSG;
	if (record->value[0] == '-' && ns) {
		if (seconds == INT64_MIN)
			return -EBADMSG;
		seconds--;
		ns = 1000000000 - ns;
	}
	*time = (struct timespec){ .tv_sec = seconds, .tv_nsec = ns };
	return 0;
}

static int take_map(struct tar_pax *pax, const struct record *record, void *out)
{
	(void)out;
	tar_sparse_reset(&pax->map);
	return tar_sparse_add_text(&pax->map, record->value);
}

/* A record each for beginning and length, of PAX 0.0, in turns. */
static int take_half(struct tar_pax *pax, const struct record *record, bool is_length)
{
	uint64_t number;

	if (pax->map.has_half != is_length || num_parse_u64(record->value, &number) < 0)
		return -EBADMSG;
	return tar_sparse_add(&pax->map, number);
}

static int take_offset(struct tar_pax *pax, const struct record *record, void *out)
{
	(void)out;
	return take_half(pax, record, false);
}

static int take_length(struct tar_pax *pax, const struct record *record, void *out)
{
	(void)out;
	return take_half(pax, record, true);
}

/* ------------------------------------------------------------------------------- attributes */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "%41" is 'A', as in a URL. */
static void decode_name(char *name)
{
	char *out = name;

	for (const char *in = name; *in; in++) {
		int high = *in == '%' ? hex_value(in[1]) : -1;
		int low = high < 0 ? -1 : hex_value(in[2]);

		*out++ = low < 0 ? *in : (char)(high << 4 | low);
		if (low >= 0)
			in += 2;
	}
	*out = '\0';
}

static int base64_value(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* In place; padding may be missing. The length, or -EBADMSG. */
static ssize_t decode_base64(char *text, size_t n)
{
	unsigned bits = 0, n_bits = 0;
	size_t len = 0;

	while (n > 0 && text[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++) {
		int value = base64_value(text[i]);

		if (value < 0)
			return -EBADMSG;
		bits = bits << 6 | (unsigned)value;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			text[len++] = (char)(bits >> n_bits);
		}
	}
	return (ssize_t)len;
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

#define SCHILY "SCHILY.xattr."
#define LIBARCHIVE "LIBARCHIVE.xattr."

/* 1: the record is an attribute. */
static int take_xattr(struct tar_pax *pax, const struct record *record)
{
	struct tar_xattr xattr = { .value = record->value, .len = record->len };

	if (starts_with(record->key, LIBARCHIVE)) {
		char *name = record->key + strlen(LIBARCHIVE);
		ssize_t len = decode_base64(record->value, record->len);

		if (len < 0)
			return -EBADMSG;
		decode_name(name);
		xattr.name = name;
		xattr.len = (size_t)len;
	} else if (starts_with(record->key, SCHILY)) {
		xattr.name = record->key + strlen(SCHILY);
	} else {
		return 0;
	}
	if (!*xattr.name)
		return -EBADMSG;
	buf_add(&pax->xattrs, &xattr, sizeof(xattr));
	return 1;
}

/* ------------------------------------------------------------------------------- records */

static const struct row {
	const char *key;
	unsigned said; /* which makes an empty value take back an earlier one */
	parse_fn *parse;
	size_t offset;
} rows[] = {
#define ROW(key, said, parse, field) { key, said, parse, offsetof(struct tar_pax, field) }
	ROW("path", PAX_PATH, take_text, path),
	ROW("linkpath", PAX_TARGET, take_text, target),
	ROW("uname", PAX_UNAME, take_text, uname),
	ROW("gname", PAX_GNAME, take_text, gname),
	ROW("size", PAX_BYTES, take_bytes, bytes),
	ROW("uid", PAX_UID, take_id, uid),
	ROW("gid", PAX_GID, take_id, gid),
	ROW("mtime", PAX_MTIME, take_time, mtime),
	ROW("GNU.sparse.major", PAX_SPARSE_MAJOR, take_bytes, sparse_major),
	ROW("GNU.sparse.minor", PAX_SPARSE_MINOR, take_bytes, sparse_minor),
	ROW("GNU.sparse.name", PAX_SPARSE_PATH, take_text, sparse_path),
	ROW("GNU.sparse.realsize", PAX_SPARSE_BYTES, take_bytes, sparse_bytes),
	ROW("GNU.sparse.size", PAX_SPARSE_BYTES, take_bytes, sparse_bytes),
	ROW("GNU.sparse.map", PAX_SPARSE_MAP, take_map, map),
	ROW("GNU.sparse.offset", PAX_SPARSE_MAP, take_offset, map),
	ROW("GNU.sparse.numbytes", PAX_SPARSE_MAP, take_length, map),
#undef ROW
};

static const struct row *find_row(const char *key)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(key, rows[i].key) == 0)
			return &rows[i];
	return NULL;
}

static int apply(struct tar_pax *pax, const struct record *record)
{
	const struct row *row = find_row(record->key);

	if (!row) {
		int r = take_xattr(pax, record);

		return r < 0 ? r : 0;
	}
	pax->said &= ~row->said;
	if (record->len == 0)
		return 0;
	if (memchr(record->value, '\0', record->len) ||
	    row->parse(pax, record, (char *)pax + row->offset) < 0)
		return -EBADMSG;
	pax->said |= row->said;
	return 0;
}

/* The length at the start of *at, which moves behind it and the blank. 0: it is none. */
static size_t take_record_length(char **at, size_t left)
{
	size_t length = 0, i = 0;

	for (; i < left && i < MAX_LENGTH_DIGITS && isdigit((unsigned char)(*at)[i]); i++)
		length = length * 10 + (size_t)((*at)[i] - '0');
	if (i == 0 || i >= left || (*at)[i] != ' ' || length > left || length <= i + 1)
		return 0;
	*at += i + 1;
	return length;
}

/* Take the record at `at`, which has `left` bytes at most: its length, or 0. */
static size_t take_record(char *at, size_t left, struct record *ret)
{
	char *key = at, *equals, *end;
	size_t length = take_record_length(&key, left);

	if (length == 0)
		return 0;
	end = at + length - 1;
	if (*end != '\n')
		return 0;
	equals = memchr(key, '=', (size_t)(end - key));
	if (!equals || equals == key || memchr(key, '\0', (size_t)(equals - key)))
		return 0;
	*equals = *end = '\0';
	*ret = (struct record){ key, equals + 1, (size_t)(end - equals - 1) };
	return length;
}

int tar_pax_parse(struct tar_pax *pax, char *bytes, size_t n, struct err *err)
{
	while (n > 0) {
		struct record record;
		size_t length = take_record(bytes, n, &record);

		if (length == 0)
			return err_set(err, ERR_USAGE, EBADMSG, "malformed PAX record");
		if (apply(pax, &record) < 0)
			return err_set(err, ERR_USAGE, EBADMSG, "malformed value of PAX '%s'",
				       record.key);
		bytes += length;
		n -= length;
	}
	return 0;
}
