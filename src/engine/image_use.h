/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A container that is made from an image: what the image says, and that it stays. */

#include "engine/engine.h"
#include "image/image_config.h"

/* Locks on the layers, until container.json says that they are used. */
struct image_use {
	int *lock_fds;
	size_t n;
};

void image_use_done(struct image_use *use);

/* Find `config->image`, and fill image_id, layers and what a person left open. ERR_NOT_FOUND: there
 * is no such image, or a layer of it is missing. */
int image_use(const struct engine *engine, struct config *config, struct arena *arena,
	      struct image_use *ret, struct err *err);

/* What a person left open, as docker has it: an entrypoint of his own takes the image's command
 * away; of variables and labels his are added. ERR_USAGE: there is no command at all. */
int image_apply(struct config *config, const struct image_config *image, struct arena *arena,
		struct err *err);
