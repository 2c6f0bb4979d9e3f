/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A part of a tree, and what is missing in it: for layer/pack.h. */

#include <stdbool.h>
#include <stddef.h>

struct layer_pick {
	const char *path; /* as in a layer: "etc/passwd" */
	bool is_gone;     /* it is not there, and the layer shall say so */
};

/* In the order of strcmp(3); directories that lead to one are among them. */
struct layer_picks {
	const struct layer_pick *v;
	size_t n;
};

/* NULL: it is none of them. */
const struct layer_pick *layer_picks_find(const struct layer_picks *picks, const char *path);

/* The next after `*at` that is gone from the directory `dir` ("": the root); its name there, or
 * NULL. *at begins as 0. */
const char *layer_picks_next_gone(const struct layer_picks *picks, const char *dir, size_t *at);
