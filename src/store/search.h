/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An image by what people call it. */

#include "store/store.h"

/* One image and all its names. */
struct store_found {
	const struct store_image *image; /* with the name that was asked for, or one of its names */
	const char *name;                /* the reference that was asked for; NULL: it was an ID */
	const char **names;              /* all of them, the nameless one not */
	size_t n_names;
};

/*
 * `who` is a reference, short as people write it; or the beginning of an image ID, with "sha256:"
 * before it or not. ERR_NOT_FOUND; ERR_USAGE: it begins the IDs of several.
 */
int store_search(const struct store *store, const char *who, struct arena *arena,
		 struct store_found *ret, struct err *err);

/* The same for who does not ask for its names: where `who` is one, only its file is read, however
 * many images there are. */
int store_search_one(const struct store *store, const char *who, struct arena *arena,
		     struct store_found *ret, struct err *err);
