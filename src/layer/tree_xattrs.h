/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The extended attributes of a file in a tree, as a layer is to have them.
 */

#include "base/arena.h"
#include "base/err.h"
#include "layer/tar_pax.h"

#include <stdbool.h>

struct tree_xattrs {
	struct tar_xattr *list; /* in the order of their names */
	size_t n;
	bool is_opaque;         /* a directory that hides what lower layers have */
};

/* Of `name` in `dir_fd`, without following it; all is in `arena`. What the host put there for
 * itself, and what overlayfs did, is left out. ERR_USAGE: overlayfs says that half of it is in
 * another place. Changes the working directory. */
int tree_xattrs_read(int dir_fd, const char *name, struct arena *arena, struct tree_xattrs *ret,
		     struct err *err);
