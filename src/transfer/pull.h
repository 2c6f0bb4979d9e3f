/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* From a registry into the store: several layers at once, each unpacked while it downloads. */

#include "image/platform.h"
#include "registry/registry.h"
#include "store/store.h"

struct pull_request {
	struct registry *registry;
	const struct store *store;
	const char *name;                /* as a person types it */
	const struct platform *platform; /* that is wanted */
	int progress_fd;                 /* -1: nobody wants to know */
};

/* What came of it; in the caller's arena. */
struct pull_result {
	struct store_image image;
	struct digest served; /* of the manifest, or of the index from which it was chosen */
	bool was_there;       /* all of it, under this name */
};

int pull_image(const struct pull_request *request, struct arena *arena, struct pull_result *ret,
	       struct err *err);
