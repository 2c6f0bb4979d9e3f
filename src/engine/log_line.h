/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One record of a container's log, a line in docker's json-file format:
 *
 *	{"log":"hello\n","stream":"stdout","attrs":{"tier":"web"},"time":"2026-11-27T11:03:21Z"}
 *
 * `log` is what the container wrote, with the newline that ends it; a line that has none, or that
 * is longer than LOG_PIECE_BYTES, goes on in the next record of its stream. A byte that is no part
 * of UTF-8 becomes U+FFFD. `attrs` is there if --log-opt asks for it.
 */

#include "base/buf.h"
#include "base/timestamp.h"

#include <stdbool.h>

#define LOG_PIECE_BYTES 16384

enum log_stream { LOG_STDOUT, LOG_STDERR, LOG_STREAM_MAX_ };

struct log_line {
	enum log_stream stream;
	struct timespec when;
	const char *bytes; /* what was written, in the scanner's memory */
	size_t len;
	const char *attrs; /* the object, as text in the record; NULL: there is none */
	size_t attrs_len;
};

/* Does the line of the container end here? */
bool log_line_ends(const struct log_line *line);

/* How long the first piece of an unfinished line is, of at least LOG_PIECE_BYTES: no character is
 * cut in two. */
size_t log_line_cut(const char *bytes);

/* ------------------------------------------------------------------------------- writing */

/* Add all that follows the text of a record: one and the same for what is written at one moment.
 * `attrs` is an object as text, or NULL. */
void log_line_format_end(struct buf *out, enum log_stream stream, const char *attrs,
			 const struct timespec *when);

/* Add a record whose text is `bytes`. */
void log_line_format(struct buf *out, const char *bytes, size_t len, const struct buf *end);

/* ------------------------------------------------------------------------------- reading */

struct log_scanner {
	struct buf text;
	char time[TIMESTAMP_BYTES]; /* the last one that was read, and what it means */
	struct timespec when;
};

void log_scanner_done(struct log_scanner *scanner);

/* Read a record, without the newline behind it: *ret until the next. 0, or -EINVAL: it is none. */
int log_line_parse(const char *record, size_t len, struct log_scanner *scanner,
		   struct log_line *ret);
