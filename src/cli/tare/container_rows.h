/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Containers as the rows of a listing: docker's fields, and podman's for templates. A row is a
 * struct engine_container.
 */

#include "cli/format.h"
#include "engine/engine.h"

struct container_rows {
	const struct engine *engine; /* NULL: their sizes are not looked at */
	bool whole; /* nothing is cut short */
};

/* Its context is a struct container_rows. */
extern const struct format_listing container_listing, container_listing_sizes;

/* Those of its fields that are listed alone. */
enum {
	CONTAINER_ROW_ID, CONTAINER_ROW_NAMES, CONTAINER_ROW_COMMAND, CONTAINER_ROW_IMAGE,
	CONTAINER_ROW_STATUS,
};
