/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An image that is made here, of another's layers and a new one, comes into the store.
 */

#include "image/image_config.h"
#include "image/manifest.h"
#include "transfer/new_layer.h"

struct make_request {
	const struct store *store;
	const char *reference;           /* whole; NULL: it goes by its digest */
	const struct manifest *base;     /* whose layers are the lower ones; NULL: there are none */
	const struct image_config *config; /* of these; what follows is added to it */
	const struct new_layer *layer;   /* settled; NULL: nothing was changed */
	struct image_history step;       /* when and by what; the image's own time and author too */
	enum media_family family;
};

/* In a process that has a single thread. ERR_NOT_FOUND: a blob of the base is gone. */
int make_image(const struct make_request *request, struct arena *arena, struct store_image *ret,
	       struct err *err);
