/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A container that is made from an image, or is shown some: what its own says, and that they
 * stay. */

#include "engine/engine.h"
#include "image/image_config.h"
#include "store/store.h"

/* Locks on the layers, until container.json says that they are used. */
struct image_use {
	OCI_LIST(int) lock_fds;
	const struct store_image *largest; /* whose files need the most ids; NULL: there is none */
};

void image_use_done(struct image_use *use);

/* Find the images of `config->mounts`, and fill their image_id and layers. Errors as below. */
int image_use_shown(const struct engine *engine, struct config *config, struct arena *arena,
		    struct image_use *ret, struct err *err);

/* Find `config->image`, and fill image_id, layers and what a person left open. ERR_NOT_FOUND: there
 * is no such image, or a layer of it is missing. */
int image_use(const struct engine *engine, struct config *config, struct arena *arena,
	      struct image_use *ret, struct err *err);

/* What a person left open, as docker has it: an entrypoint of his own takes the image's command
 * away; of variables and labels his are added. ERR_USAGE: there is no command at all. */
int image_apply(struct config *config, const struct image_config *image, struct arena *arena,
		struct err *err);
