/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A layer's blob in the making: bytes go in, and into a file goes what the blob is to be; its
 * digest is computed on the way.
 *
 *	blob_new(fd, BLOB_GZIP, &arena, &blob, err);
 *	blob_write(blob, bytes, n, err);	as often as there is something
 *	blob_end(blob, &digest, &bytes, err);
 */

#include "base/arena.h"
#include "base/err.h"
#include "image/digest.h"

#include <stdint.h>

struct blob;

enum blob_kind {
	BLOB_GZIP, /* compressed, always to the same bytes */
	BLOB_AS_IS,
};

/* `fd` is borrowed; `arena` outlives the blob. */
int blob_new(int fd, enum blob_kind kind, struct arena *arena, struct blob **ret,
	     struct err *err);
void blob_free(struct blob *blob);
static inline void blob_freep(struct blob **blob)
{
	blob_free(*blob);
}
#define auto_blob auto_cleanup(blob_freep)

int blob_write(struct blob *blob, const void *bytes, size_t n, struct err *err);

/* How much is in the file by now. */
uint64_t blob_bytes(const struct blob *blob);

/* What the file has then is all of it. */
int blob_end(struct blob *blob, struct digest *ret, uint64_t *ret_bytes, struct err *err);
