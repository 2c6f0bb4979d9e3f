/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The files in an archive, each found by its name and read where it lies. Only headers are read to
 * open one. Names are foreign, and are only ever compared; links are followed within the archive.
 *
 * An archive that is compressed as a whole (gzip, zstd), or that comes from a pipe, is written to a
 * file without a name first.
 */

#include "transport/extent.h"

struct archive;

/* `path` is the caller's. `tmp_dir` is where a copy is made if there must be one; NULL: TMPDIR, or
 * /var/tmp. -EBADMSG: it is no archive, or damaged. */
int archive_open(const char *path, const char *tmp_dir, struct archive **ret, struct err *err);
void archive_free(struct archive *archive);

/* Where one name stands twice: who unpacks has the last, who searches finds the first. */
enum archive_twice {
	ARCHIVE_LAST,   /* for what is verified anyway: the last */
	ARCHIVE_REFUSE, /* -EBADMSG */
};

/* The plain file that `name` leads to. ERR_NOT_FOUND: there is none. */
int archive_find(const struct archive *archive, const char *name, enum archive_twice twice,
		 struct extent *ret, struct err *err);
