/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A log as it was written, from its oldest file on. A reader holds the files that he has still to
 * read, so that a rotation takes none away from him; and while he follows he looks for new ones as
 * he goes. Only where so much is written meanwhile that all he holds is gone are lines missing, and
 * he knows.
 *
 *	r = log_reader_new(dir_fd, max_files, false, &reader, err);
 *	while (r == 0 && (r = log_reader_next(reader, &line, err)) > 0)
 *		...
 *
 * Usable by a command and by a monitor alike: it never waits.
 */

#include "base/err.h"
#include "engine/log_files.h"
#include "engine/log_line.h"

#include <stdint.h>

struct log_reader;

enum log_follow {
	LOG_ONCE,   /* up to what is written now */
	LOG_FOLLOW, /* and what is written later; the log is made if it is missing, to be held */
};

/* Of the log in directory `dir_fd`, which is borrowed. The caller frees *ret. */
int log_reader_new(int dir_fd, unsigned max_files, enum log_follow follow, struct log_reader **ret,
		   struct err *err);
void log_reader_free(struct log_reader *reader);

/* Read nothing behind that place. Of a reader that does not follow; to be called first. */
void log_reader_end_at(struct log_reader *reader, const struct log_place *place);

/* Skip all but the last `lines` lines. To be called first. */
int log_reader_seek_tail(struct log_reader *reader, int64_t lines, struct err *err);

/* 1: *ret is the next record, until the next call. 0: there is no more of it now. */
int log_reader_next(struct log_reader *reader, struct log_line *ret, struct err *err);

/* Does what there is now end in the middle of a record? Of a log that nobody writes any more, one
 * that was never finished. */
bool log_reader_is_torn(const struct log_reader *reader);

/* What could not be read so far. */
struct log_reader_losses {
	uint64_t damaged; /* records that were none, and were left out */
	uint64_t gaps;    /* where files were gone before they could be opened */
};
struct log_reader_losses log_reader_losses(const struct log_reader *reader);

/* Warn about what container `name` has lost since it was warned about `told`. */
void log_reader_warn(const char *name, const struct log_reader_losses *told,
		     const struct log_reader_losses *now);
