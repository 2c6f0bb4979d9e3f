/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Records of logs as people read them, on standard output what was written there, and on standard
 * error what was written there. In front of a line stands what was asked for:
 *
 *	NAME 2026-11-27T11:03:21.046172000Z tier=web hello
 */

#include "engine/engine.h"
#include "engine/log_line.h"

struct log_print {
	const struct engine_logs *request;
	struct buf out; /* of one stream, not written yet */
	enum log_stream stream;
	struct buf attrs, details; /* as they stood in the last record, and as they are shown */
};

/* Of one container. */
struct log_print_whose {
	const char *name;                 /* in front of each line; NULL: nothing */
	bool is_amid[LOG_STREAM_MAX_];    /* the last line of the stream has not ended */
};

void log_print_init(struct log_print *print, const struct engine_logs *request);
void log_print_done(struct log_print *print);

int log_print_line(struct log_print *print, struct log_print_whose *whose,
		   const struct log_line *line, struct err *err);

/* Write what was held back. */
int log_print_flush(struct log_print *print, struct err *err);
