/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* From an archive or a directory into the store. */

#include "image/platform.h"
#include "store/store.h"
#include "transport/transport.h"

struct load_request {
	const struct store *store;
	const struct transport_source *source;
	const struct platform *platform; /* that is wanted, of an image for several */
	const char *name;                /* whole, instead of those that it has there; or NULL */
	int progress_fd;                 /* -1: nobody wants to know */
};

/* One image with all its names there; without one it goes by its digest. *ret: with its last name;
 * `ret_names` are all of them. */
int load_image(const struct load_request *request, const struct transport_image *image,
	       struct arena *arena, struct store_image *ret, struct oci_strings *ret_names,
	       struct err *err);
