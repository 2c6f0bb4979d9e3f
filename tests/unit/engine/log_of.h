/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tests of logs share: a log in a directory of its own, written and read. */

#include "engine/log_reader.h"
#include "engine/log_writer.h"

#include "tap.h"
#include "tmpdir.h"

#define auto_writer auto_cleanup(log_writer_done)
#define auto_reader auto_cleanup(log_of_done)

static inline void log_of_done(struct log_reader **reader)
{
	log_reader_free(*reader);
}

static inline struct log_writer log_of(const struct tmpdir *dir, int64_t max_bytes,
				       int64_t max_files)
{
	const struct config config = { .log_max_size_bytes = max_bytes,
				       .log_max_files = max_files };
	struct log_writer writer;

	log_writer_init(&writer, dir->fd, &config);
	return writer;
}

static inline void say(struct log_writer *writer, const char *text)
{
	log_writer_write(writer, LOG_STDOUT, text, strlen(text));
}

/* "line 7\n" */
static inline void say_number(struct log_writer *writer, unsigned number)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "line %u\n", number);
	say(writer, text);
}

/* The size of a file of the log; -1: there is none. */
static inline int64_t log_size(const struct tmpdir *dir, const char *name)
{
	struct stat st;

	return fstatat(dir->fd, name, &st, 0) < 0 ? -1 : st.st_size;
}

/* Add all that there is to read now. Returns how many records that was, or -errno. */
static inline int drain(struct log_reader *reader, struct buf *out)
{
	struct log_line line;
	struct err err = {};
	int n = 0, r;

	while ((r = log_reader_next(reader, &line, &err)) > 0) {
		buf_add(out, line.bytes, line.len);
		n++;
	}
	return r < 0 ? r : n;
}

/* The text of a whole log, or of its last lines (-1: all of them). */
static inline const char *log_text(const struct tmpdir *dir, unsigned max_files, int64_t tail,
				   struct buf *out)
{
	auto_reader struct log_reader *reader = NULL;
	struct err err = {};

	out->len = 0;
	if (log_reader_new(dir->fd, max_files, LOG_ONCE, &reader, &err) < 0 ||
	    (tail >= 0 && log_reader_seek_tail(reader, tail, &err) < 0) ||
	    drain(reader, out) < 0)
		return "unreadable";
	return out->len ? out->data : "";
}
