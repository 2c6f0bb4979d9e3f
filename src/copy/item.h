/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is copied, a thing at a time, from who reads a tree (copy/walk.h) to who makes of it another
 * tree (copy/tree.h) or an archive (copy/archive.h). All of it is good for the call only.
 */

#include "base/err.h"
#include "layer/tar_pax.h"

#include <stdint.h>
#include <sys/stat.h>

struct copy_item {
	const char *path;   /* in the copy; "": the whole, of which the contents alone are meant */
	const char *name;   /* the last of it */
	struct stat st;     /* owners are those of inside */
	int fd;             /* of a file, to be read; else -1 */
	const char *target; /* of a link */
	const char *first;  /* another name of the same file, which was put: its path; or NULL */
	const struct tar_xattr *xattrs;
	size_t n_xattrs;
};

struct copy_sink {
	/* A file, link, fifo or hard link; or a directory, in which the next ones are, until it is
	 * left. */
	int (*put)(void *context, const struct copy_item *item, struct err *err);
	int (*leave)(void *context, const struct copy_item *item, struct err *err);
	void *context;
};

/* The ids of a user namespace as the host counts them. */
struct copy_ids {
	uint32_t start, size; /* size 0: the host's own */
};

/* What the host calls `id` is inside; what is not mapped is nobody's. */
static inline uint32_t copy_id_inside(const struct copy_ids *ids, uint32_t id)
{
	if (!ids->size)
		return id;
	return id >= ids->start && id - ids->start < ids->size ? id - ids->start : 65534;
}
