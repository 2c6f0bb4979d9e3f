/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files by name, as they lie in a directory or in an archive: for what reads both alike. Names are
 * foreign. In a directory they are resolved below it, as sys/resolve.h does; in an archive they are
 * only compared.
 */

#include "transport/extent.h"

#include <stdbool.h>

struct archive;

struct tree {
	int dir_fd; /* -1: it is an archive */
	struct archive *archive;
};

#define TREE_NONE { -1, NULL }
void tree_done(struct tree *tree);

/* `path` is the caller's; `tmp_dir` as of archive_open. */
int tree_open(const char *path, const char *tmp_dir, struct tree *tree, struct err *err);

/* A plain file whose contents are going to be verified. ERR_NOT_FOUND. */
int tree_find(const struct tree *tree, const char *name, struct extent *ret, struct err *err);

/* The whole of a document, which is believed: in an archive it stands once. ERR_NOT_FOUND. */
int tree_read(const struct tree *tree, const char *name, size_t max_bytes, struct buf *ret,
	      struct err *err);

/* What the file begins with; '\0': it is empty, or there is none. */
char tree_first_byte(const struct tree *tree, const char *name);
