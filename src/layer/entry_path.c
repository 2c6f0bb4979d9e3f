/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of entries. Copied part by part, so that what comes out is all that was looked at.
 */
#include "layer/entry_path.h"

#include "layer/whiteout.h"

#include <stdbool.h>
#include <string.h>

/* May the entry be below a directory of that name? */
static int check_parent(const char *name, const char *text, struct err *err)
{
	const char *hidden;
	int kind = whiteout_parse(name, &hidden);

	if (kind == WHITEOUT_NONE || kind == WHITEOUT_AUFS)
		return kind == WHITEOUT_AUFS ? ENTRY_PATH_AUFS : 0;
	return err_set(err, ERR_USAGE, EINVAL, "entry '%s' is below the whiteout '%s'", text, name);
}

static bool is_part(const char *start, size_t len, const char *what)
{
	return strlen(what) == len && memcmp(start, what, len) == 0;
}

static int check_part(const char *start, size_t len, const char *text, struct err *err)
{
	if (is_part(start, len, ".."))
		return err_set(err, ERR_USAGE, EINVAL, "entry '%s' has '..' in its name", text);
	if (len > NAME_MAX)
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
			       "entry '%.100s...' has a name of more than %d bytes", text,
			       NAME_MAX);
	return 0;
}

/* Append what is between slashes. What was last until now turns out to be a parent. */
static int add_part(struct entry_path *path, char *end, const char *start, size_t len)
{
	if (end > path->bytes)
		*end++ = '/';
	memcpy(end, start, len);
	end[len] = '\0';
	path->name = end;
	return 0;
}

int entry_path_parse(const char *text, unsigned max_depth, struct entry_path *ret,
		     struct err *err)
{
	char *end = ret->bytes;
	unsigned depth = 0;
	int r = 0;

	*end = '\0';
	ret->name = ret->parent = end;
	for (const char *at = text; *at && r == 0; at += strcspn(at, "/")) {
		size_t len;

		at += strspn(at, "/");
		len = strcspn(at, "/");
		if (len == 0 || is_part(at, len, "."))
			continue;
		if (++depth > max_depth)
			return err_set(err, ERR_USAGE, ELOOP,
				       "entry '%.100s...' is nested more than %u deep", text,
				       max_depth);
		r = check_part(at, len, text, err);
		if (r == 0 && depth > 1)
			r = check_parent(ret->name, text, err);
		if (r == 0)
			r = add_part(ret, end, at, len);
		end += strlen(end);
	}
	if (ret->name > ret->bytes) {
		ret->bytes[ret->name - ret->bytes - 1] = '\0';
		ret->parent = ret->bytes;
	} else {
		ret->parent = "";
	}
	return r;
}
