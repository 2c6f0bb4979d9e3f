/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Images that a container is shown besides its own root: --mount type=image. Their layers are
 * named in its configuration, and so stay as long as it does.
 */

#include "engine/entry.h"

/* Is there one? They are put together on the stage (engine/root.h). */
bool shown_images_any(const struct config *config);

/* Where that mount of config->mounts is, in `arena`. */
char *shown_image_path(const char *stage_path, size_t i, struct arena *arena);

/* Mount all of them there, in the monitor. What was changed in one while the container ran before
 * is thrown away. */
int shown_images_mount(const struct engine *engine, const struct entry *entry,
		       const struct config *config, const char *stage_path, struct err *err);
