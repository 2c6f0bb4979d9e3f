/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whose ids a container has. Its own, wherever that can be: a user namespace with a range that
 * nobody else has (engine/ids.h). The host's, where a person said so or asked for what only those
 * can do, in a view of the host's root, or where a file system that it uses can't have its ids
 * mapped and the settings allow that.
 */

#include "engine/engine.h"
#include "store/store.h"

/* What images say about it. */
struct userns_image {
	const struct store_image *image; /* whose files need the most ids; NULL: there is none */
	const struct oci_strings *ports; /* that it exposes: "80/tcp"; NULL: none */
};

/*
 * Fill config->ids_size, and say of each bind that its ids are mapped. In a process that has a
 * single thread. ERR_USAGE: files of an image belong to ids that are too high for any container, or
 * a file system can't be mapped and the settings want no other way.
 */
int userns_choose(const struct engine *engine, struct config *config,
		  const struct userns_image *image, struct arena *arena, struct err *err);
