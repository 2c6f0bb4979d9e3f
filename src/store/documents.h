/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What an image in the store says of itself. */

#include "image/image_config.h"
#include "image/manifest.h"
#include "store/store.h"

/* Its documents, read and parsed into `arena`. `ret_json`, unless NULL, gets the text. */
int store_read_manifest(const struct store *store, const struct store_image *image,
			struct arena *arena, struct buf *ret_json, struct manifest **ret,
			struct err *err);
int store_read_config(const struct store *store, const struct store_image *image,
		      struct arena *arena, struct buf *ret_json, struct image_config **ret,
		      struct err *err);
