/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps of sparse files: numbers in pairs, however they were written. What they must be to each
 * other is checked once, when all are there.
 */
#include "layer/tar_sparse.h"

#include "base/num.h"
#include "layer/tar_header.h"

#include <errno.h>
#include <string.h>

#define FIELD_BYTES 12

void tar_sparse_reset(struct tar_sparse *sparse)
{
	sparse->extents.len = 0;
	sparse->has_half = false;
}

void tar_sparse_done(struct tar_sparse *sparse)
{
	buf_done(&sparse->extents);
}

size_t tar_sparse_count(const struct tar_sparse *sparse)
{
	return sparse->extents.len / sizeof(struct tar_extent);
}

const struct tar_extent *tar_sparse_extent(const struct tar_sparse *sparse, size_t i)
{
	return (const struct tar_extent *)(const void *)sparse->extents.data + i;
}

int tar_sparse_add(struct tar_sparse *sparse, uint64_t number)
{
	struct tar_extent extent = { sparse->half, number };

	sparse->has_half = !sparse->has_half;
	if (sparse->has_half) {
		sparse->half = number;
		return 0;
	}
	if (tar_sparse_count(sparse) == TAR_MAX_EXTENTS)
		return -EBADMSG;
	buf_add(&sparse->extents, &extent, sizeof(extent));
	return 0;
}

int tar_sparse_add_text(struct tar_sparse *sparse, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, ",");
		char digits[24] = "";
		uint64_t number;

		if (len >= sizeof(digits))
			return -EBADMSG;
		memcpy(digits, text, len);
		if (num_parse_u64(digits, &number) < 0 || tar_sparse_add(sparse, number) < 0)
			return -EBADMSG;
		text += len + (text[len] == ',');
	}
	return 0;
}

int tar_sparse_add_fields(struct tar_sparse *sparse, const unsigned char *fields, size_t n)
{
	for (size_t i = 0; i < 2 * n && fields[i * FIELD_BYTES]; i++) {
		int64_t number;

		if (tar_number(fields + i * FIELD_BYTES, FIELD_BYTES, &number) < 0 || number < 0 ||
		    tar_sparse_add(sparse, (uint64_t)number) < 0)
			return -EBADMSG;
	}
	return 0;
}

int tar_sparse_check(const struct tar_sparse *sparse, uint64_t bytes, uint64_t stored_bytes)
{
	uint64_t end = 0, sum = 0;

	for (size_t i = 0; i < tar_sparse_count(sparse); i++) {
		const struct tar_extent *extent = tar_sparse_extent(sparse, i);

		if (extent->at < end || extent->at > bytes || extent->bytes > bytes - extent->at)
			return -EBADMSG;
		end = extent->at + extent->bytes;
		sum += extent->bytes;
	}
	return sum == stored_bytes && !sparse->has_half ? 0 : -EBADMSG;
}
