/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The layers of an image put together, and any directory, as who has a container's ids sees them.
 * For the monitor, in a mount namespace of its own. */

#include "engine/engine.h"

/* What is put together. */
struct assembly {
	const struct engine *engine;
	const struct config *config; /* whose ids it has */
	const struct oci_strings *layers;
	const char *changes; /* a directory below the engine's for what is changed, which is there;
			      * NULL: read-only */
	bool is_volatile;    /* nobody needs the changes after a crash of the machine */
	bool has_places;     /* files are mounted in it: engine/places.h */
};

/* Mount it at `path`. The caller owns *ret_base_fd: the engine's directory, with the same ids. */
int assembly_mount(const struct assembly *assembly, const char *path, int *ret_base_fd,
		   struct err *err);

/* A clone of the mount that `dir_fd` is on, from there, with the container's ids, mounted at
 * another place. The caller owns *ret_fd. */
int assembly_map_ids(const struct config *config, int dir_fd, int target_fd, int *ret_fd,
		     struct err *err);
