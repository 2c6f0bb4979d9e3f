/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* index.json of the OCI image layout (image-layout.md, "index.json file"), for other tools. */

#include "store/store.h"

/* Make it anew from the references. Who comes second waits, and writes what both changed. */
int index_write(const struct store *store, struct arena *arena, struct err *err);
