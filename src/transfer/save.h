/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* From the store into an archive or a directory. */

#include "store/store.h"
#include "transport/transport.h"

/* One image, under `names` (whole), which may be none. */
int save_image(const struct store *store, const struct store_image *image,
	       struct transport_target *target, const struct oci_strings *names,
	       struct arena *arena, struct err *err);
