/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What images and containers take of the disk. Of an image that is its layers, unpacked, and the
 * blobs that they came in; of a container, the files that it changed, and those in its volumes.
 */

#include "engine/images.h"

/* One name of an image, or one image without a name. */
struct disk_image {
	const struct store_image *image;
	uint64_t shared_bytes; /* of what other images have too */
	uint64_t unique_bytes; /* of what no other image has */
	size_t n_containers;   /* that were made from it, or are shown it */
};

struct disk_container {
	const struct engine_container *container;
	uint64_t bytes;
	bool is_active; /* it runs */
};

struct disk_total {
	size_t n, n_active;
	uint64_t bytes, free_bytes; /* free: what would be if all that is not active went */
};

struct disk {
	struct disk_image *images; /* in the order of their names */
	size_t n_images;
	struct disk_container *containers; /* the newest first */
	size_t n_containers;
	struct disk_total image_total; /* of images, however many names one has; active: used */
	struct disk_total container_total;
};

/* Of one container: the files that it changed, and those of its image below. */
struct disk_size {
	uint64_t changed_bytes, layer_bytes;
};

/* What can't be found out counts nothing. */
void engine_container_size(const struct engine *engine, const struct config *config,
			   struct arena *arena, struct disk_size *ret);

/* All of it in `arena`. */
int engine_disk(const struct engine *engine, struct arena *arena, struct disk *ret,
		struct err *err);
