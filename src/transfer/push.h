/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* From the store to a registry: what was pulled goes back bit for bit. */

#include "registry/registry.h"
#include "store/store.h"

struct push_request {
	struct registry *registry;
	const struct store *store;
	const struct store_image *image;
	const struct reference *to; /* whole */
	int progress_fd;            /* -1: nobody wants to know */
};

int push_image(const struct push_request *request, struct arena *arena, struct err *err);
