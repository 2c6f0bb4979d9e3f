/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A blob and its parser: all that a verb has to know of where documents are.
 */
#include "store/documents.h"

int store_read_manifest(const struct store *store, const struct store_image *image,
			struct arena *arena, struct buf *ret_json, struct manifest **ret,
			struct err *err)
{
	auto_buf struct buf own = {};
	struct buf *json = ret_json ? ret_json : &own;
	int r = store_read_blob(store, &image->manifest, MANIFEST_MAX_BYTES, json, err);

	return r < 0 ? r
		     : manifest_parse(buf_str(json), json->len, image->media_type, arena, ret, err);
}

int store_read_config(const struct store *store, const struct store_image *image,
		      struct arena *arena, struct buf *ret_json, struct image_config **ret,
		      struct err *err)
{
	auto_buf struct buf own = {};
	struct buf *json = ret_json ? ret_json : &own;
	int r = store_read_blob(store, &image->config, MANIFEST_MAX_BYTES, json, err);

	return r < 0 ? r : image_config_parse(buf_str(json), json->len, arena, ret, err);
}
