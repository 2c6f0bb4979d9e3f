/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A directory becomes a layer: that of a container's changes, as overlayfs keeps them (upperdir),
 * or any other tree. The other direction of layer/unpack.h. The same tree makes the same bytes,
 * whatever order its file system lists it in.
 *
 * The tree is a stranger's: nothing in it is followed, and of what is opened it was seen to be a
 * file. It may be in use; what changes while it is read is an error.
 */

#include "image/digest.h"
#include "layer/pick.h"
#include "layer/tar_write.h"

struct layer_pack {
	int root_fd;        /* borrowed. Ids are those seen through it: for those of a container
			     * with a user namespace it is of an idmapped mount */
	const struct layer_picks *picks; /* these alone; NULL: all that there is */
	int64_t max_mtime;  /* no time is later (SOURCE_DATE_EPOCH); -1: any may be */
	struct tar_output output;
};

struct layer_packed {
	struct digest diff_id;
	uint64_t tar_bytes, file_bytes, entries;
	uint64_t left_out; /* sockets, which archives can't have */
};

/* ERR_USAGE: what no layer can say: names like a whiteout's, a directory that overlayfs keeps half
 * of elsewhere (redirect_dir, metacopy), one that is nested too deep to be unpacked again. */
int layer_pack(const struct layer_pack *request, struct layer_packed *ret, struct err *err);
