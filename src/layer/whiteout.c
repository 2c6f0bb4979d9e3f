/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whiteouts by name. No archive may say that in overlayfs's own words: a directory that redirects
 * elsewhere, or a file that is the data of another, is a way out of the image.
 */
#include "layer/whiteout.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define PREFIX ".wh."
#define META_PREFIX ".wh..wh."
#define OPAQUE ".wh..wh..opq"

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

int whiteout_parse(const char *name, const char **ret_hidden)
{
	const char *hidden = name + strlen(PREFIX);

	if (!starts_with(name, PREFIX))
		return WHITEOUT_NONE;
	if (strcmp(name, OPAQUE) == 0)
		return WHITEOUT_OPAQUE;
	if (starts_with(name, META_PREFIX))
		return WHITEOUT_AUFS;
	if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return -EINVAL;
	*ret_hidden = hidden;
	return WHITEOUT_NAME;
}
