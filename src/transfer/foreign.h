/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An archive of files from anywhere becomes a layer: nobody has said what is in it. */

#include "transfer/new_layer.h"

/*
 * Read all of `from_fd`: an archive, compressed with gzip, zstd or not at all (then it is with
 * gzip, here). -EOPNOTSUPP: compressed otherwise.
 */
int foreign_read(const struct store *store, int from_fd, struct new_layer *ret, struct err *err);
