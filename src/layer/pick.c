/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths in order: what is in one directory, or below it, lies side by side.
 */
#include "layer/pick.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *path, const void *pick)
{
	return strcmp(path, ((const struct layer_pick *)pick)->path);
}

const struct layer_pick *layer_picks_find(const struct layer_picks *picks, const char *path)
{
	return picks->n ? bsearch(path, picks->v, picks->n, sizeof(*picks->v), compare) : NULL;
}

/* The first that is not before all of what begins with `dir` and a slash. */
static size_t first_below(const struct layer_picks *picks, const char *dir, size_t len)
{
	size_t low = 0, high = picks->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *path = picks->v[middle].path;
		int order = strncmp(path, dir, len);

		if (order < 0 || (order == 0 && (unsigned char)path[len] < '/'))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What it is called in that directory; NULL: it is not in there. */
static const char *name_in(const char *path, const char *dir, size_t len)
{
	if (len == 0)
		return path;
	return strncmp(path, dir, len) == 0 && path[len] == '/' ? path + len + 1 : NULL;
}

const char *layer_picks_next_gone(const struct layer_picks *picks, const char *dir, size_t *at)
{
	size_t len = strlen(dir);
	size_t i = *at ? *at : len ? first_below(picks, dir, len) : 0;

	for (; i < picks->n; i++) {
		const char *name = name_in(picks->v[i].path, dir, len);

		if (!name)
			break;
		if (picks->v[i].is_gone && !strchr(name, '/')) {
			*at = i + 1;
			return name;
		}
	}
	return NULL;
}
