/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A layer becomes a directory that overlayfs can take as one of its own: what image-spec's layer.md
 * says of archives, in the words of Documentation/filesystems/overlayfs.rst.
 *
 * The archive is a stranger's. Whatever it holds, nothing outside the directory is touched; but
 * this code is not trusted to be free of mistakes, so who is root runs it in a process that can
 * reach nothing else (layer/unpack_process.h).
 */

#include "base/err.h"
#include "image/digest.h"
#include "layer/source.h"
#include "sys/measure.h"

#include <limits.h>
#include <stdint.h>

/* What a layer may come to. Nothing else bounds it: a manifest only tells what it is packed. */
struct layer_limits {
	uint64_t max_bytes;    /* of the archive, uncompressed */
	uint64_t max_entries;
	uint32_t max_ratio;    /* of unpacked to packed bytes, beyond */
	uint64_t ratio_bytes;  /* that many, which anyone may have */
	unsigned max_depth;    /* of directories in each other */
};

extern const struct layer_limits layer_limits_default;

enum layer_flags {
	/* We are no root of the host's: overlayfs is given users' attributes ("userxattr"), and
	 * devices and attributes that are denied us are left out. */
	LAYER_ROOTLESS = 1 << 0,
};

struct layer_unpack {
	struct layer_source source;
	int root_fd; /* an empty directory; borrowed */
	unsigned flags;
	struct layer_limits limits;
};

struct layer_facts {
	struct digest diff_id;  /* sha256 of the uncompressed archive, to the end of the file */
	uint64_t tar_bytes;     /* how long that is */
	uint64_t file_bytes;    /* of what is in its files, without holes */
	uint64_t entries;
	uint64_t left_out;      /* devices and attributes that can't be had here */
	uint32_t max_id;        /* the highest uid or gid in it */
	char max_id_path[PATH_MAX];
	struct measure seen;    /* what a walk over the directory finds afterwards */
};

/*
 * Unpack, in this process: it takes a second thread, and changes the working directory. What is in
 * the directory after an error is rubbish. Errors name the entry; besides those of layer/inflate.h
 * and layer/tar_read.h they are ERR_USAGE for what no archive may hold, with -E2BIG for a limit
 * that it exceeds; and ERR_SYSTEM, -ENOSPC among them.
 */
int layer_unpack_here(const struct layer_unpack *request, struct layer_facts *ret,
		      struct err *err);
