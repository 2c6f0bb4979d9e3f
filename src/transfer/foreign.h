/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An archive of files from anywhere becomes a layer. Nobody has said what is in it, so it is
 * unpacked first, in the jail, and then known by what that came to.
 */

#include "store/store.h"
#include "transfer/make.h"

struct foreign {
	struct make_layer layer;
	int blob_fd, lock_fd;
};

#define FOREIGN_NONE { .blob_fd = -1, .lock_fd = -1 }

/*
 * Read all of `from_fd`: an archive, compressed with gzip, zstd or not at all (then it is with
 * gzip, here). The layer is in the store, and stays there until foreign_close. In a process that
 * has a single thread. -EOPNOTSUPP: compressed otherwise.
 */
int foreign_read(const struct store *store, int from_fd, struct arena *arena,
		 struct foreign *ret, struct err *err);
void foreign_close(struct foreign *foreign);
#define auto_foreign auto_cleanup(foreign_close)
