/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blobs go as they came; the manifest last.
 */
#include "transfer/save.h"

#include "base/cleanup.h"
#include "store/documents.h"

static int put_blob(const struct store *store, const struct descriptor *what,
		    struct transport_target *target, struct err *err)
{
	auto_extent struct extent from = EXTENT_NONE;
	int r = store_open_blob(store, &what->digest, &from.fd, &from.bytes, err);

	return r < 0 ? r : transport_put_blob(target, what, &from, err);
}

int save_image(const struct store *store, const struct store_image *image,
	       struct transport_target *target, const struct oci_strings *names,
	       struct arena *arena, struct err *err)
{
	struct descriptor what = { .media_type = image->media_type, .digest = image->manifest,
				   .size = (int64_t)image->manifest_bytes };
	struct manifest *manifest = NULL;
	auto_buf struct buf json = {};
	int r = store_read_manifest(store, image, arena, &json, &manifest, err);

	if (r == 0)
		r = put_blob(store, manifest->config, target, err);
	for (size_t i = 0; r == 0 && i < manifest->layers.n; i++)
		r = put_blob(store, &manifest->layers.v[i], target, err);
	return r < 0 ? r : transport_put_manifest(target, &what, buf_str(&json), names, err);
}
