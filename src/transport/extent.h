/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bytes where they are: a stretch of a file. A blob of an archive is read in place, without a copy
 * of it anywhere; and whoever reads it here gets it verified.
 */

#include "base/buf.h"
#include "image/digest.h"

#include <stdint.h>

struct extent {
	int fd; /* read by pread(2); the holder's */
	uint64_t at, bytes;
};

#define EXTENT_NONE { -1, 0, 0 }

static inline void extent_done(struct extent *extent)
{
	closep(&extent->fd);
	extent->fd = -1;
}
#define auto_extent auto_cleanup(extent_done)

/* Append it to `to_fd`. -EBADMSG: its digest is another; what was written is worth nothing then. */
int extent_copy(const struct extent *extent, const struct digest *digest, int to_fd,
		struct err *err);

/* The same into memory, of one that is small. `digest` may be NULL: nobody knows it. */
int extent_read(const struct extent *extent, const struct digest *digest, size_t max_bytes,
		struct buf *ret, struct err *err);

int extent_digest(const struct extent *extent, enum digest_algorithm algorithm,
		  struct digest *ret, struct err *err);
