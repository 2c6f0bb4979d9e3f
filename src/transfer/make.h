/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An image that is made here, of another's layers and a new one, comes into the store: its
 * documents are written, and the new layer is unpacked as one that was fetched would be.
 */

#include "image/image_config.h"
#include "image/manifest.h"
#include "store/store.h"

/* Its blob is in a file of its own. */
struct make_layer {
	int fd; /* borrowed */
	struct digest digest, diff_id;
	uint64_t bytes;
	const char *media_type;
};

struct make_request {
	const struct store *store;
	const char *reference;           /* whole; NULL: it goes by its digest */
	const struct manifest *base;     /* whose layers are the lower ones; NULL: there are none */
	const struct image_config *config; /* of these; what follows is added to it */
	const struct make_layer *layer;  /* NULL: nothing was changed */
	struct image_history step;       /* when and by what; the image's own time and author too */
	enum media_family family;
};

/* In a process that has a single thread. ERR_NOT_FOUND: a blob of the base is gone. */
int make_image(const struct make_request *request, struct arena *arena, struct store_image *ret,
	       struct err *err);
