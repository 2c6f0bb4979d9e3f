/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An entry of an archive becomes what it describes, below the root of a tree.
 */

#include "layer/attributes.h"
#include "layer/dircache.h"
#include "layer/tar_read.h"
#include "layer/unpack.h"

struct unpack_tree {
	struct dircache dirs;
	unsigned max_depth;
	struct attributes_left_out left_out;
	uint64_t kept_bytes; /* of attributes of directories, which are set at the end */
	uint64_t file_bytes; /* written */
	uint32_t max_id;     /* of any entry, */
	char max_id_path[PATH_MAX]; /* which is this; "": there was none */
};

/* umask(2) must be 0. */
int unpack_tree_init(struct unpack_tree *tree, const struct layer_unpack *request,
		     struct err *err);
void unpack_tree_done(struct unpack_tree *tree);

/* Make `entry`, of which `reader` holds the contents. What was there before gives way. */
int unpack_entry(struct unpack_tree *tree, struct tar_reader *reader,
		 const struct tar_entry *entry, struct err *err);

/* All entries were made: directories get what they were to have. */
int unpack_tree_finish(struct unpack_tree *tree, struct err *err);
