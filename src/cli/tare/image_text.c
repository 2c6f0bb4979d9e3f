/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds an image and reads its configuration.
 */
#include "cli/tare/image_text.h"

#include "store/documents.h"

void image_text_done(struct image_text *image)
{
	store_done(&image->store);
}

int image_text_open(const struct call *call, const char *who, struct image_text *ret,
		    struct err *err)
{
	auto_buf struct buf text = {};
	int r = engine_open_store(call_engine(call), &ret->store, err);

	if (r == 0)
		r = store_search(&ret->store, who, call->arena, &ret->image, err);
	if (r == 0)
		r = store_read_config(&ret->store, ret->image.image, call->arena, &text,
				      &ret->config, err);
	if (r == 0)
		ret->json = arena_strdup(call->arena, buf_str(&text));
	return r < 0 ? err_wrap(err, "%s", who) : 0;
}
