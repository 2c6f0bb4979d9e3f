/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which images are wanted: docker's --filter of `images` and `image prune`. Of one key
 * one of the values is enough, but for labels, which must all be there; of different keys all must
 * hold.
 */

#include "cli/tare/verb.h"
#include "store/store.h"

#define IMAGE_FILTER_KEYS 7

struct image_filter {
	const struct call *call;
	const char **words[IMAGE_FILTER_KEYS]; /* by key, each list ends with NULL */
};

/* `pattern` (NULL: none) is one more of reference=. ERR_USAGE: no such key, or not its value. */
int image_filter_parse(const struct opt_strings *filters, const char *pattern,
		       const struct call *call, struct image_filter *ret, struct err *err);

/* Keep those of `list` that are wanted, in their order. */
int image_filter_apply(const struct image_filter *filter, struct store_image **list, size_t *n,
		       struct err *err);
