/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes to lines to records. All that one call brings was written at one moment, which is asked for
 * once; the pieces of a long line have the time of its first. Records are gathered and written
 * together, as many as a file takes.
 *
 * Files are appended to and never cut, since somebody may be reading them: half a record that was
 * written when the disk was full, or by a monitor that was killed, gets a newline before the next.
 */
#include "engine/log_writer.h"

#include "base/cleanup.h"
#include "engine/log_attrs.h"

#include <string.h>

#define GATHER_BYTES 32768

struct batch {
	enum log_stream stream;
	struct timespec now;
	struct buf end; /* of its records; empty until there is one */
};

void log_writer_init(struct log_writer *writer, int dir_fd, const struct config *config)
{
	*writer = (struct log_writer){
		.dir_fd = dir_fd,
		.fd = -1,
		.is_off = !config_has_log(config),
		.max_files = (unsigned)config->log_max_files,
		.max_bytes = config->log_max_size_bytes,
	};
	if (!writer->is_off)
		log_attrs_format(config, &writer->attrs);
}

void log_writer_done(struct log_writer *writer)
{
	closep(&writer->fd);
	writer->fd = -1;
	buf_done(&writer->out);
	buf_done(&writer->attrs);
	for (int i = 0; i < LOG_STREAM_MAX_; i++)
		buf_done(&writer->sides[i].rest);
}

/* ------------------------------------------------------------------------------- to the file */

static bool ensure_open(struct log_writer *w)
{
	struct err ignored;
	int r;

	if (w->fd >= 0)
		return true;
	r = log_files_append(w->dir_fd, &w->fd, &w->bytes, &ignored);
	w->is_torn = r > 0;
	return r >= 0;
}

/* As much of it as the disk takes. */
static void append(struct log_writer *w, const char *bytes, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(w->fd, bytes + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	w->bytes += (int64_t)done;
	if (done)
		w->is_torn = bytes[done - 1] != '\n';
}

/* Take the first `len` gathered bytes to the file. */
static void flush(struct log_writer *w, size_t len)
{
	if (len == 0)
		return;
	if (ensure_open(w)) {
		if (w->is_torn)
			append(w, "\n", 1);
		if (!w->is_torn)
			append(w, w->out.data, len);
	}
	w->out.len -= len;
	memmove(w->out.data, w->out.data + len, w->out.len);
}

/* Where no new file can be made, the old one goes on for as long again. */
static void rotate(struct log_writer *w)
{
	struct err ignored;

	if (w->fd >= 0 && log_files_rotate(w->dir_fd, w->max_files, &w->fd, &ignored) == 0)
		w->is_torn = false;
	w->bytes = 0;
}

/* A record was gathered, behind the first `before` bytes. */
static void settle(struct log_writer *w, size_t before)
{
	if (w->max_bytes > 0 && ensure_open(w) &&
	    w->bytes + (int64_t)w->out.len > w->max_bytes) {
		flush(w, before);
		if (w->bytes > 0)
			rotate(w);
	}
	if (w->out.len >= GATHER_BYTES)
		flush(w, w->out.len);
}

struct log_place log_writer_place(struct log_writer *w)
{
	return !w->is_off && ensure_open(w) ? log_files_end(w->fd) : (struct log_place){};
}

/* ------------------------------------------------------------------------------- to lines */

static const char *attrs_of(const struct log_writer *w)
{
	return w->attrs.len ? w->attrs.data : NULL;
}

static void add_record(struct log_writer *w, struct batch *batch, const char *bytes, size_t len)
{
	struct log_side *side = &w->sides[batch->stream];
	auto_buf struct buf its_end = {};
	const size_t before = w->out.len;
	const bool ends = bytes[len - 1] == '\n';

	if (side->goes_on)
		log_line_format_end(&its_end, batch->stream, attrs_of(w), &side->began);
	else if (!batch->end.len)
		log_line_format_end(&batch->end, batch->stream, attrs_of(w), &batch->now);
	if (!side->goes_on && !ends)
		side->began = batch->now;
	log_line_format(&w->out, bytes, len, side->goes_on ? &its_end : &batch->end);
	side->goes_on = !ends;
	settle(w, before);
}

/* All that waited, or the first `len` bytes of it. */
static void add_rest(struct log_writer *w, struct batch *batch, size_t len)
{
	struct buf *rest = &w->sides[batch->stream].rest;

	add_record(w, batch, rest->data, len);
	rest->len -= len;
	memmove(rest->data, rest->data + len, rest->len);
}

/* What is at `bytes` up to the end of a line, or what there is room for. Returns its length. */
static size_t take_piece(struct log_writer *w, struct batch *batch, const char *bytes, size_t len)
{
	struct buf *rest = &w->sides[batch->stream].rest;
	size_t room = LOG_PIECE_BYTES - rest->len;
	size_t n = len < room ? len : room;
	const char *newline = memchr(bytes, '\n', n);

	if (newline)
		n = (size_t)(newline + 1 - bytes);
	if (newline && rest->len == 0) {
		add_record(w, batch, bytes, n);
		return n;
	}
	buf_add(rest, bytes, n);
	if (newline)
		add_rest(w, batch, rest->len);
	else if (rest->len == LOG_PIECE_BYTES)
		add_rest(w, batch, log_line_cut(rest->data));
	return n;
}

void log_writer_write(struct log_writer *w, enum log_stream stream, const char *bytes, size_t len)
{
	struct batch batch = { .stream = stream };

	if (w->is_off || len == 0)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &batch.now);
	while (len > 0) {
		size_t n = take_piece(w, &batch, bytes, len);

		bytes += n;
		len -= n;
	}
	flush(w, w->out.len);
	buf_done(&batch.end);
}

void log_writer_finish(struct log_writer *w, enum log_stream stream)
{
	struct batch batch = { .stream = stream };
	struct log_side *side = &w->sides[stream];

	if (side->rest.len == 0)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &batch.now);
	add_rest(w, &batch, side->rest.len);
	side->goes_on = false;
	flush(w, w->out.len);
	buf_done(&batch.end);
}
