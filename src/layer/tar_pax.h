/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a PAX extended header says of the file that follows: records "LENGTH KEY=VALUE\n", pax(1)
 * "pax Extended Header", and the words of GNU tar, star and libarchive for what POSIX does not
 * know: sparse files and extended attributes. Pure.
 */

#include "base/err.h"
#include "layer/tar_sparse.h"

#include <stdint.h>
#include <time.h>

/* The value is `len` bytes, not a text. */
struct tar_xattr {
	const char *name;
	const void *value;
	size_t len;
};

enum pax_said {
	PAX_PATH = 1 << 0,
	PAX_TARGET = 1 << 1,
	PAX_UNAME = 1 << 2,
	PAX_GNAME = 1 << 3,
	PAX_BYTES = 1 << 4,
	PAX_UID = 1 << 5,
	PAX_GID = 1 << 6,
	PAX_MTIME = 1 << 7,
	PAX_SPARSE_MAJOR = 1 << 8,
	PAX_SPARSE_MINOR = 1 << 9,
	PAX_SPARSE_PATH = 1 << 10,
	PAX_SPARSE_BYTES = 1 << 11,
	PAX_SPARSE_MAP = 1 << 12,
};

/* Texts point into the bytes that were parsed. */
struct tar_pax {
	unsigned said; /* PAX_*: which of these are meant */
	const char *path, *target, *uname, *gname, *sparse_path;
	uint64_t bytes, sparse_bytes;    /* stored; of a sparse file with its holes */
	uint64_t sparse_major, sparse_minor;
	uint32_t uid, gid;
	struct timespec mtime;
	struct tar_sparse map;
	struct buf xattrs; /* of struct tar_xattr; a later one of the same name wins */
};

/* Nothing is said. What was allocated is kept for the next. */
void tar_pax_reset(struct tar_pax *pax);
void tar_pax_done(struct tar_pax *pax);

/* Add what `n` bytes of records say; the later wins. They are changed on the way, and must outlive
 * `pax`. -EBADMSG: they are malformed, whatever they speak of. */
int tar_pax_parse(struct tar_pax *pax, char *bytes, size_t n, struct err *err);
