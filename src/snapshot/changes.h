/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What was changed in a root filesystem that snapshot/snapshot.h put together: read from where the
 * changes are kept, without mounting anything. What the layers have is looked up, never listed but
 * for a directory that was removed and made again.
 *
 * Changes and layers are a stranger's: nothing in them is followed.
 */

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>

enum change_kind { CHANGE_MODIFIED, CHANGE_ADDED, CHANGE_DELETED };

struct change {
	enum change_kind kind;
	char *path; /* absolute, in that root */
};

struct changes {
	struct change *v; /* in the order of their paths */
	size_t n;
};

struct changes_request {
	int changes_fd;       /* as snapshot_mount had it; -1: it was never mounted */
	const int *layer_fds; /* the lowest first */
	size_t n_layers;
};

/*
 * As docker has it: a directory is modified if something in it is, or its own mode or owner; a file
 * by its mode, owner, size or time. Of what was removed the uppermost alone is told. All of *ret is
 * in `arena`.
 */
int changes_read(const struct changes_request *request, struct arena *arena, struct changes *ret,
		 struct err *err);

/* The directory that is the uppermost layer of that root, as overlayfs keeps it, open for reading;
 * -1 if there is none yet. Returns 1 when it is a copy instead, of all of that root. The caller
 * owns *ret_fd. */
int changes_open(int changes_fd, int *ret_fd, struct err *err);
