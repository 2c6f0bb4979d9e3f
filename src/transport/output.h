/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files by name on their way into a directory or an archive: the other side of transport/tree.h.
 * Names are ours. The bytes of an archive depend on what is put there and in which order, and on
 * nothing else.
 */

#include "base/arena.h"
#include "transport/extent.h"

#include <stdbool.h>

struct output {
	const char *path;
	int dir_fd;       /* -1: it is an archive */
	int file_fd;
	char *tmp;        /* the archive's name until it is whole; NULL: it has none */
	struct buf names; /* char *: those in the archive */
	struct arena arena;
};

#define OUTPUT_NONE { NULL, -1, -1, NULL, {}, {} }

/* `path` is the caller's and stays borrowed. */
int output_open(const char *path, bool is_archive, struct output *output, struct err *err);

/* Before output_finish: an archive is as if it had never been. */
void output_done(struct output *output);

bool output_has(const struct output *output, const char *name);

int output_put(struct output *output, const char *name, const void *bytes, size_t n,
	       struct err *err);

/* The same, verified on the way. */
int output_copy(struct output *output, const char *name, const struct extent *from,
		const struct digest *digest, struct err *err);

/* An archive ends, and gets its name. */
int output_finish(struct output *output, struct err *err);
