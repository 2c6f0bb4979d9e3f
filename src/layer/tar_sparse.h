/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which parts of a file are in the archive, the rest being holes: as GNU tar writes it, in its old
 * format and in the three of its PAX records (0.0, 0.1, 1.0). Pure.
 */

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct tar_extent {
	uint64_t at, bytes;
};

#define TAR_MAX_EXTENTS 65536

struct tar_sparse {
	struct buf extents; /* of struct tar_extent */
	uint64_t half;      /* the beginning of one whose length is still to come */
	bool has_half;
};

void tar_sparse_reset(struct tar_sparse *sparse);
void tar_sparse_done(struct tar_sparse *sparse);

size_t tar_sparse_count(const struct tar_sparse *sparse);
const struct tar_extent *tar_sparse_extent(const struct tar_sparse *sparse, size_t i);

/* Take the next number, in turns where an extent begins and how long it is. 0, or -EBADMSG: there
 * are too many. */
int tar_sparse_add(struct tar_sparse *sparse, uint64_t number);

/* Numbers with commas between them, of PAX 0.1. */
int tar_sparse_add_text(struct tar_sparse *sparse, const char *text);

/* `n` pairs of fields of 12 bytes, of the old format, up to the first that is empty. */
int tar_sparse_add_fields(struct tar_sparse *sparse, const unsigned char *fields, size_t n);

/* In order, apart, within the file's `bytes`, and `stored_bytes` together? 0, or -EBADMSG. */
int tar_sparse_check(const struct tar_sparse *sparse, uint64_t bytes, uint64_t stored_bytes);
