/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The bytes of a blob, read while they still arrive. Whoever downloads writes them to a file, and
 * after each piece tells through a pipe how many are there by now; whoever unpacks reads the file
 * as far as that goes. So nothing is copied, and a download that is resumed starts with what is in
 * the file.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Both are borrowed. */
struct layer_source {
	int file_fd;     /* a regular file, read from its start; or, complete, a pipe */
	int progress_fd; /* the pipe's reading end; -1: all of it is there */
};

/* The writing side. `bytes` are there, in all; `is_complete`: that is all of it, and it was found
 * to be what it should. To close the pipe without saying so is to give up. While the reader lags
 * behind, news that is not the last is dropped instead of waited with. 0, or -errno: -EPIPE, nobody
 * reads any more (the caller ignores SIGPIPE). */
int layer_source_tell(int progress_fd, uint64_t bytes, bool is_complete);

struct source {
	struct layer_source from;
	int stop_fd;        /* gives up when this becomes readable; -1: never. Borrowed */
	uint64_t at, there; /* read so far; may be read */
	bool is_complete;   /* `there` is all */
};

void source_init(struct source *source, const struct layer_source *from, int stop_fd);

/* The next bytes, at most `cap`, waiting for them; 0 at the end. -ECONNRESET: the download broke
 * off. -ECANCELED: stopped. */
ssize_t source_read(struct source *source, void *bytes, size_t cap, struct err *err);
