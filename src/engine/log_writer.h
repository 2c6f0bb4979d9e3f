/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a container writes becomes its log: records of engine/log_line.h in the files of
 * engine/log_files.h. Each call writes the lines that are whole, at once; the rest waits for its
 * end, for LOG_PIECE_BYTES, or for the stream's end. No file is larger than was asked, but for a
 * record that is larger by itself.
 *
 * Nothing here fails: a full disk costs what is written while it is full, and never the container.
 * Nothing is opened until there is something to write.
 */

#include "base/buf.h"
#include "engine/config.h"
#include "engine/log_files.h"
#include "engine/log_line.h"

struct log_side {
	struct buf rest;       /* of a line that has not ended */
	bool goes_on;          /* a piece of that line was written */
	struct timespec began; /* with the first one */
};

struct log_writer {
	int dir_fd; /* the entry's, borrowed */
	int fd;     /* -1: not opened yet */
	bool is_off, is_torn; /* nothing is kept; the file ends in half a record */
	unsigned max_files;
	int64_t max_bytes, bytes; /* of one file: at most, -1 for any number, and so far */
	struct buf out;           /* records on their way to the file */
	struct buf attrs;         /* an object as text; empty: none */
	struct log_side sides[LOG_STREAM_MAX_];
};

void log_writer_init(struct log_writer *writer, int dir_fd, const struct config *config);
void log_writer_done(struct log_writer *writer);

void log_writer_write(struct log_writer *writer, enum log_stream stream, const char *bytes,
		      size_t len);

/* Where the next record will go. What is before it and the rest of each side is all that was
 * written. */
struct log_place log_writer_place(struct log_writer *writer);

/* The stream has ended: what is left of it is a line too. */
void log_writer_finish(struct log_writer *writer, enum log_stream stream);
