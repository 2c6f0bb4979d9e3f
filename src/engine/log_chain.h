/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The files of a log that somebody has still to read, held open, the oldest first. */

#include "engine/log_files.h"

/* Twice what there may be: those that were, and those that have come since. */
#define LOG_CHAIN_MAX (2 * LOG_FILES_MAX)

struct log_chain {
	unsigned n;
	int fds[LOG_CHAIN_MAX];
};

void log_chain_done(struct log_chain *chain);

/*
 * Add the files that are newer than the last one; of an empty chain, all there are. With `make`
 * there is a log afterwards. Returns 1 if there may have been others in between, which are gone.
 */
int log_chain_look(struct log_chain *chain, int dir_fd, unsigned max_files, bool make,
		   struct err *err);

/* Let go of the first. */
void log_chain_shift(struct log_chain *chain);
