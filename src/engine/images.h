/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Images as people know them: by names that are short, or by the beginning of an ID. What moves
 * their bytes (pull, load, ...) is a program of its own; here is what the store already has.
 *
 * Errors a caller may act on: ERR_NOT_FOUND (no such image), ERR_CONFLICT (it is in use),
 * ERR_USAGE.
 */

#include "engine/engine.h"
#include "store/search.h"

/* The store is in the engine's root; one that does not exist is an empty one. */
int engine_open_store(const struct engine *engine, struct store *ret, struct err *err);

/* By a name, or the beginning of an ID: store/search.h. */
int engine_image_find(const struct engine *engine, const char *who, struct arena *arena,
		      struct store_found *ret, struct err *err);

/* One more name for an image; another image that has it loses it. */
int engine_image_tag(const struct engine *engine, const char *who, const char *name,
		     struct arena *arena, struct err *err);

/* Take names away, all of the image's or those in `names`; the image stays. */
int engine_image_untag(const struct engine *engine, const char *who, char *const *names,
		       struct arena *arena, struct err *err);

/* The diffIDs of layers that containers were made from or are shown, whether or not their image has
 * a name, and of images that are mounted; or of those alone that can't be taken away now: a
 * container runs on them. */
int engine_layers_in_use(const struct engine *engine, bool is_running, struct arena *arena,
			 struct oci_strings *ret, struct err *err);

/* What happened, in order: lines for people. */
struct engine_removed {
	struct oci_strings untagged; /* references, as people write them */
	struct oci_strings deleted;  /* its ID, and the diffIDs of layers that went with it */
	uint64_t bytes;              /* that this freed */
};

/*
 * Take that name away, and with its last one the image. `force`: all its names if it was an ID, and
 * also if containers that have ended were made from it or are shown it, or it is mounted.
 * ERR_CONFLICT: one was made from it or is shown it, or it was an ID and there are several names.
 */
int engine_image_remove(const struct engine *engine, const char *who, bool force,
			struct arena *arena, struct engine_removed *ret, struct err *err);
