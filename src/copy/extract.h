/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An archive becomes files below a directory that others may change meanwhile; nothing outside of
 * it is touched. It may be compressed as a layer may be. Names are what layer/unpack.h takes;
 * directories that are there keep what they are.
 *
 * The archive is a stranger's, so who is root reads it in a process that can reach nothing but that
 * directory (layer/jail.h).
 */

#include "copy/owner.h"
#include "copy/walk.h"

struct copy_extract {
	int file_fd; /* the archive: a file or a pipe */
	int dir_fd;
	struct copy_owner owner;
	bool overwrite;
};

/* The process has a single thread, and its umask(2) is 0. Devices are left out. */
int copy_extract(const struct copy_extract *request, struct copy_seen *ret, struct err *err);

/* The same in this process. */
int copy_extract_here(const struct copy_extract *request, struct copy_seen *ret,
		      struct err *err);
