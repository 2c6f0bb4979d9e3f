/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Writes an archive, entry by entry: ustar, and PAX records for what does not fit there. The same
 * entries make the same bytes.
 *
 *	tar_put(&writer, &entry, err);
 *	while (...)
 *		tar_put_data(&writer, bytes, n, err);	entry.bytes of them in all
 *	...
 *	tar_put_end(&writer, err);
 */

#include "base/arena.h"
#include "layer/tar_read.h"

/* Where the bytes go, in large pieces. 0 or -errno. */
struct tar_output {
	int (*write)(void *context, const void *bytes, size_t n, struct err *err);
	void *context;
};

struct tar_writer {
	struct tar_output output;
	struct buf pending;  /* what was not yet given out */
	struct buf records;  /* of the entry */
	uint64_t data_left;  /* of the entry's contents */
	size_t padding;
};

void tar_writer_init(struct tar_writer *writer, const struct tar_output *output);
void tar_writer_done(struct tar_writer *writer);
#define auto_tar_writer auto_cleanup(tar_writer_done)

/* The header of an entry as layer/tar_read.h has it; of a file, `bytes` counts (no holes are
 * written). Owners' names are left out: in the image they may be others. */
int tar_put(struct tar_writer *writer, const struct tar_entry *entry, struct err *err);

/* The next of a file's contents; never more than were said. */
int tar_put_data(struct tar_writer *writer, const void *bytes, size_t n, struct err *err);

/* The next `n` of them, read from `fd`. ERR_CONFLICT: it has no more so many. */
int tar_put_from(struct tar_writer *writer, int fd, uint64_t n, struct err *err);

int tar_put_end(struct tar_writer *writer, struct err *err);
