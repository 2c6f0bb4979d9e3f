/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The files of a container's log, in its entry's directory: `log` is written, `log.1` came before
 * it, `log.2` before that. This is the only place that knows how they change places: once there is
 * a `log` there always is one, and at most one of the others is missing at any moment.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define LOG_FILES_MAX 100

/* So many bytes of one of the files, whatever its name has become. */
struct log_place {
	uint64_t file; /* 0: of none */
	int64_t bytes;
};

/* The end of the file `fd`, as it is now; of none if that can't be told. */
struct log_place log_files_end(int fd);

/* Is `fd` the file of that place? */
bool log_files_is_at(int fd, const struct log_place *place);

/* Open `log` for appending; made if missing. *ret_bytes: its size. Returns 1 if its last line has
 * no end, because whoever wrote it was killed. */
int log_files_append(int dir_fd, int *ret_fd, int64_t *ret_bytes, struct err *err);

/* Begin a new `log`, and keep max_files in all. *fd, the log, becomes the new one; on failure it
 * stays. */
int log_files_rotate(int dir_fd, unsigned max_files, int *fd, struct err *err);

/* Open number `index` for reading, 0 is `log`; with `make`, made if missing. -ENOENT (no words). */
int log_files_open(int dir_fd, unsigned index, bool make, int *ret_fd, struct err *err);

/* Is `fd` what `log` is? 1, 0, or -errno (no words); -ENOENT: there is none. */
int log_files_is_newest(int dir_fd, int fd);

/* Remove all of them. 0 or -errno. */
int log_files_remove(int dir_fd);
