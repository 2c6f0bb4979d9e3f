/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Bytes in memory as the input of a tar reader, in pieces of a given size. */

#include "layer/tar_read.h"

struct pieces {
	const struct buf *bytes;
	size_t at, piece; /* 0: all at once */
};

static inline ssize_t pieces_next(void *context, const void **ret_bytes, struct err *err)
{
	struct pieces *pieces = context;
	size_t n = pieces->bytes->len - pieces->at;

	(void)err;
	if (pieces->piece && n > pieces->piece)
		n = pieces->piece;
	*ret_bytes = n ? pieces->bytes->data + pieces->at : "";
	pieces->at += n;
	return (ssize_t)n;
}

static inline struct tar_input pieces_input(struct pieces *pieces)
{
	return (struct tar_input){ pieces_next, pieces };
}
