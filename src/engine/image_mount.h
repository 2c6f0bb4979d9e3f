/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Images mounted read-only, to be looked into without a container:
 *
 *	ROOT/mounts/HEX          where the image of that ID is mounted, in the namespace of whoever
 *	                         mounted it
 *	ROOT/mounts/HEX.layers   its diffIDs, a line each: they are in use
 */

#include "engine/images.h"

/* One that is mounted in our namespace. */
struct image_mounted {
	const char *id;   /* digest of its configuration */
	const char *path;
};

/* Mount it, unless it is mounted. ERR_NOT_FOUND. */
int image_mount(const struct engine *engine, const char *who, struct arena *arena,
		struct image_mounted *ret, struct err *err);

/* ERR_NOT_FOUND: there is no such image; ERR_CONFLICT: it is not mounted, unless `force`. With
 * `force` it goes even if somebody is in it. */
int image_unmount(const struct engine *engine, const char *who, bool force, struct arena *arena,
		  struct image_mounted *ret, struct err *err);

/* All that are mounted, in the order of their IDs. */
int image_mounts(const struct engine *engine, struct arena *arena, struct image_mounted **ret,
		 size_t *ret_n, struct err *err);

/* Is it mounted in our namespace? Of what is not, nothing is left afterwards. */
bool image_is_mounted(const struct engine *engine, const struct digest *id);

/* Take it off by its ID. */
int image_take_off(const struct engine *engine, const struct digest *id, bool force,
		   struct err *err);

/* The layers of all that are mounted, added to `ret`. */
int image_mounted_layers(const struct engine *engine, struct arena *arena,
			 struct oci_strings *ret, struct err *err);
