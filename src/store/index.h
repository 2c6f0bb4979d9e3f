/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* index.json of the OCI image layout (image-layout.md, "index.json file"), for other tools. */

#include "store/store.h"

/* Who changes a reference holds this from before until index_write, so that whoever has it finds
 * the two alike. */
int index_lock(const struct store *store, int *ret_fd, struct err *err);

/* Make it anew from the references. The caller holds the lock. */
int index_write(const struct store *store, struct arena *arena, struct err *err);

/* Is it what index_write would make? A store that never had an image needs none. ERR_USAGE,
 * -EBADMSG: no. The caller holds the lock. */
int index_prove(const struct store *store, struct arena *arena, struct err *err);
