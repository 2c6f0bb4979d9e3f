/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One thing is made in a directory that others may change meanwhile. It is always new: what has its
 * name is never written into or followed, but makes way, as it does for tar(1). A directory that is
 * there is gone on with.
 */

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct plant {
	int dir_fd;
	const char *name;
	bool overwrite; /* also a directory by what is none, and the other way round */
};

/* The caller owns *ret_fd, which is open for writing; the file is his alone for now (0600). */
int plant_file(const struct plant *plant, int *ret_fd, struct err *err);

/* The caller owns *ret_fd, which can be listed. One that is new (0700) can be entered by nobody
 * else for now. */
int plant_dir(const struct plant *plant, bool *ret_is_new, int *ret_fd, struct err *err);

int plant_link(const struct plant *plant, const char *target, struct err *err);
int plant_fifo(const struct plant *plant, mode_t mode, struct err *err);

/* Another name of `name` in `dir_fd`, which may be a link and is not followed. */
int plant_hardlink(const struct plant *plant, int dir_fd, const char *name, struct err *err);
