/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A window over the first file of a chain: bytes come in at its end and records leave at its start.
 * A file that is followed by another is written no more, so its end is an end. What is left in the
 * window there has no newline and was never finished: its writer was killed.
 *
 * From the end backwards, to find where the last lines begin, the same window is filled in front.
 */
#include "engine/log_reader.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "engine/log_chain.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define WINDOW_BYTES (256 << 10) /* no record of ours is as long */
#define READ_BYTES   (64 << 10)
#define LOOK_BYTES   (1 << 20) /* who is behind looks for new files so often */

struct log_reader {
	int dir_fd;
	unsigned max_files;
	bool follows;
	struct log_chain chain;
	off_t at;    /* what is read next of the first file */
	off_t limit; /* where the last file ends for us; -1: wherever it does */
	off_t looked_at;
	bool is_torn; /* up to the next newline it is no record */
	struct log_scanner scanner;
	struct log_reader_losses losses;
	size_t start, len; /* of the window: what is not yet taken */
	char window[WINDOW_BYTES];
};

/* ------------------------------------------------------------------------------- opening */

static int look(struct log_reader *reader, struct err *err)
{
	int r = log_chain_look(&reader->chain, reader->dir_fd, reader->max_files,
			       reader->follows, err);

	reader->looked_at = reader->at;
	if (r > 0)
		reader->losses.gaps++;
	return r < 0 ? r : 0;
}

static int find_limit(struct log_reader *reader, struct err *err)
{
	struct stat st;

	if (reader->follows || reader->chain.n == 0)
		return 0;
	if (fstat(reader->chain.fds[reader->chain.n - 1], &st) < 0)
		return err_sys(err, errno, "look at the log");
	reader->limit = st.st_size;
	return 0;
}

static void log_reader_freep(struct log_reader **reader)
{
	log_reader_free(*reader);
}

int log_reader_new(int dir_fd, unsigned max_files, enum log_follow follow, struct log_reader **ret,
		   struct err *err)
{
	auto_cleanup(log_reader_freep) struct log_reader *reader = calloc(1, sizeof(*reader));
	int r;

	if (!reader)
		return err_sys(err, ENOMEM, "read the log");
	reader->dir_fd = dir_fd;
	reader->max_files = max_files < LOG_FILES_MAX ? max_files : LOG_FILES_MAX;
	reader->follows = follow == LOG_FOLLOW;
	reader->limit = -1;
	r = look(reader, err);
	if (r == 0)
		r = find_limit(reader, err);
	if (r == 0)
		*ret = take_ptr(reader);
	return r;
}

void log_reader_free(struct log_reader *reader)
{
	if (!reader)
		return;
	log_chain_done(&reader->chain);
	log_scanner_done(&reader->scanner);
	free(reader);
}

void log_reader_end_at(struct log_reader *reader, const struct log_place *place)
{
	struct log_chain *chain = &reader->chain;

	while (chain->n && !log_files_is_at(chain->fds[chain->n - 1], place))
		closep(&chain->fds[--chain->n]);
	reader->losses.gaps += place->file && !chain->n;
	reader->limit = place->bytes;
}

bool log_reader_is_torn(const struct log_reader *reader)
{
	return reader->is_torn || reader->start < reader->len;
}

struct log_reader_losses log_reader_losses(const struct log_reader *reader)
{
	return reader->losses;
}

void log_reader_warn(const char *name, const struct log_reader_losses *told,
		     const struct log_reader_losses *now)
{
	if (now->gaps > told->gaps)
		log_warn("%s: lines are missing: they were rotated away before they were read",
			 name);
	if (now->damaged > told->damaged)
		log_warn("%s: damaged lines of the log were left out: %" PRIu64, name,
			 now->damaged - told->damaged);
}

/* ------------------------------------------------------------------------------- forwards */

/* The next record of the window, if it holds a whole one. */
static bool take_record(struct log_reader *reader, struct log_line *ret)
{
	while (reader->start < reader->len) {
		const char *record = reader->window + reader->start;
		const char *newline = memchr(record, '\n', reader->len - reader->start);
		bool was_torn = reader->is_torn;

		if (!newline)
			return false;
		reader->start = (size_t)(newline + 1 - reader->window);
		reader->is_torn = false;
		if (!was_torn && log_line_parse(record, (size_t)(newline - record),
						&reader->scanner, ret) == 0)
			return true;
		reader->losses.damaged++;
	}
	return false;
}

/* Of the first file, how much may be read at once. */
static size_t count_wanted(const struct log_reader *reader)
{
	size_t n = sizeof(reader->window) - reader->len;

	if (reader->chain.n == 1 && reader->limit >= 0 &&
	    (off_t)n > reader->limit - reader->at)
		n = reader->limit > reader->at ? (size_t)(reader->limit - reader->at) : 0;
	return n < READ_BYTES ? n : READ_BYTES;
}

/* 1: there is more in the window. 0: the first file is read to its end. */
static int fill(struct log_reader *reader, struct err *err)
{
	ssize_t n;

	if (reader->chain.n == 0)
		return 0;
	reader->len -= reader->start;
	memmove(reader->window, reader->window + reader->start, reader->len);
	reader->start = 0;
	if (reader->len == sizeof(reader->window)) {
		reader->is_torn = true;
		reader->len = 0;
	}
	n = pread(reader->chain.fds[0], reader->window + reader->len, count_wanted(reader),
		  reader->at);
	if (n < 0)
		return err_sys(err, errno, "read the log");
	reader->at += n;
	reader->len += (size_t)n;
	if (reader->follows && reader->at - reader->looked_at > LOOK_BYTES && look(reader, err) < 0)
		return -err->no;
	return n > 0;
}

/* From the beginning of what is the first file now. */
static void begin_file(struct log_reader *reader)
{
	if (log_reader_is_torn(reader))
		reader->losses.damaged++;
	reader->at = reader->looked_at = 0;
	reader->start = reader->len = 0;
	reader->is_torn = false;
}

/* Somebody made the file shorter, as people do whose disk is full. */
static bool was_cut(const struct log_reader *reader)
{
	struct stat st;

	return fstat(reader->chain.fds[0], &st) == 0 && st.st_size < reader->at;
}

/* At the end of the first file. 1: there is something to read now. */
static int move_on(struct log_reader *reader, struct err *err)
{
	unsigned n = reader->chain.n;
	int r;

	if (n > 1) {
		log_chain_shift(&reader->chain);
		begin_file(reader);
		return 1;
	}
	if (!reader->follows)
		return 0;
	if (n == 1 && was_cut(reader)) {
		begin_file(reader);
		return 1;
	}
	r = look(reader, err);
	return r < 0 ? r : reader->chain.n > n;
}

int log_reader_next(struct log_reader *reader, struct log_line *ret, struct err *err)
{
	for (;;) {
		int r;

		if (take_record(reader, ret))
			return 1;
		r = fill(reader, err);
		if (r == 0)
			r = move_on(reader, err);
		if (r <= 0)
			return r;
	}
}

/* ------------------------------------------------------------------------------- backwards */

/* What is looked through: from `start` of the file on, up to where lines were counted. */
struct back {
	struct log_reader *reader;
	int fd;
	off_t start;
	size_t len;        /* in the window */
	bool is_whole;     /* it ends with a record's newline */
	bool has_seen_one; /* the newest record, of any file */
	int64_t lines;     /* so many are still wanted */
};

static int fill_front(struct back *back, struct err *err)
{
	char *window = back->reader->window;
	size_t n = back->start < READ_BYTES ? (size_t)back->start : READ_BYTES;
	ssize_t got;

	if (back->len > WINDOW_BYTES - n) {
		back->len = 0;
		back->is_whole = false;
	}
	memmove(window + n, window, back->len);
	got = pread(back->fd, window, n, back->start - (off_t)n);
	if (got != (ssize_t)n)
		return err_sys(err, got < 0 ? errno : EIO, "read the log");
	back->start -= (off_t)n;
	back->len += n;
	return 0;
}

/* The newest record ends a line for us even if it will go on. */
static bool ends_line(struct back *back, const char *record, size_t len)
{
	struct log_line line;
	bool is_newest = !back->has_seen_one;

	if (log_line_parse(record, len, &back->reader->scanner, &line) < 0)
		return false;
	back->has_seen_one = true;
	return is_newest || log_line_ends(&line);
}

/* One record less. 1: it was one line too many, and is left in the window. */
static int step_back(struct back *back, struct err *err)
{
	const char *window = back->reader->window;
	const char *newline = memrchr(window, '\n', back->len - back->is_whole);
	size_t begin = newline ? (size_t)(newline + 1 - window) : 0;

	if (!newline && back->start > 0)
		return fill_front(back, err);
	if (back->is_whole && ends_line(back, window + begin, back->len - 1 - begin) &&
	    back->lines-- == 0)
		return 1;
	back->len = begin;
	back->is_whole = begin > 0;
	return 0;
}

/* Count lines of one file from its end. 1: *ret is where the wanted ones begin. */
static int seek_in_file(struct back *back, off_t *ret, struct err *err)
{
	int r = 0;

	while (r == 0 && (back->start > 0 || back->len > 0))
		r = step_back(back, err);
	*ret = back->start + (off_t)back->len;
	return r;
}

static int open_back(struct log_reader *reader, unsigned i, struct back *back, struct err *err)
{
	struct stat st;

	back->fd = reader->chain.fds[i];
	if (fstat(back->fd, &st) < 0)
		return err_sys(err, errno, "look at the log");
	back->start = st.st_size;
	if (i + 1 == reader->chain.n && reader->limit >= 0 && reader->limit < st.st_size)
		back->start = reader->limit;
	back->len = 0;
	back->is_whole = false;
	return 0;
}

int log_reader_seek_tail(struct log_reader *reader, int64_t lines, struct err *err)
{
	struct back back = { .reader = reader, .lines = lines };
	int r = 0;

	for (unsigned i = reader->chain.n; r == 0 && i > 0; i--) {
		r = open_back(reader, i - 1, &back, err);
		if (r == 0)
			r = seek_in_file(&back, &reader->at, err);
		if (r <= 0)
			continue;
		for (unsigned before = i - 1; before > 0; before--)
			log_chain_shift(&reader->chain);
		reader->looked_at = reader->at;
		return 0;
	}
	reader->at = 0;
	return r;
}
