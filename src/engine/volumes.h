/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Places that an image calls volumes (config.md, "Volumes"): what is written there goes to a
 * directory of the container's own and not to its changes, so no layer is made of it. It begins
 * with what the image has there, and goes when the container is removed.
 */

#include "engine/entry.h"

/* Of the image's: those that nobody mounts something else on, each once. ERR_USAGE: one is not
 * below the root, or below what is ours: /proc, /sys, /dev. */
int volumes_choose(struct config *config, const struct oci_strings *asked, struct arena *arena,
		   struct err *err);

/*
 * Make those that are not there, below the container's entry. `base_fd` is the engine's directory
 * with the ids that the container sees, `root_path` where its root is mounted.
 */
int volumes_fill(const struct entry *entry, const struct config *config, int base_fd,
		 const char *root_path, struct err *err);
