/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The name that an archive gives an entry, taken apart: below the root whatever it begins with,
 * without "." and empty parts. Pure.
 */

#include "base/err.h"

#include <limits.h>

struct entry_path {
	char bytes[PATH_MAX];
	const char *parent; /* "": the root */
	const char *name;   /* "": the root itself */
};

enum { ENTRY_PATH_AUFS = 1 };

/* 0, or ENTRY_PATH_AUFS: it lies below what aufs noted for itself, and is nobody's. Refused
 * (ERR_USAGE): parts "..", which no archiver writes; parts that are a whiteout's, but for the last;
 * a part of more than NAME_MAX bytes; more than `max_depth` parts. */
int entry_path_parse(const char *text, unsigned max_depth, struct entry_path *ret,
		     struct err *err);
