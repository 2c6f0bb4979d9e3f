/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A container's files, looked at from outside: what it changed in its image, and its whole root.
 * Whether it runs makes no difference; who wants them to keep still freezes it (engine/freeze.h).
 * Owners are those of inside.
 *
 *	peek_open(&engine, who, &arena, &peek, err);
 *	peek_changes / peek_open_changes / peek_open_root
 *	peek_close(&peek);
 */

#include "engine/entry.h"
#include "snapshot/changes.h"

struct peek {
	const struct engine *engine;
	struct arena *arena;
	struct entry entry;
	struct config *config;
	int changes_fd; /* once it was asked for; -1 as well if nothing was ever changed */
	int *layer_fds;
	size_t n_layers;
};

#define PEEK_NONE { .entry = ENTRY_NONE, .changes_fd = -1 }

/* What it is given must outlive it. ERR_NOT_FOUND. */
int peek_open(const struct engine *engine, const char *who, struct arena *arena,
	      struct peek *ret, struct err *err);
void peek_close(struct peek *peek);
#define auto_peek auto_cleanup(peek_close)

/* ERR_CONFLICT: it was not made from an image. So say the two that follow. */
int peek_require_image(const struct peek *peek, struct err *err);

int peek_changes(struct peek *peek, struct changes *ret, struct err *err);

/* The directory of changes as overlayfs keeps it, for layer/pack.h. -1: there are none. Returns 1
 * when it is all of the root, of which peek_changes tells what is changed. The caller owns *ret_fd.
 */
int peek_open_changes(struct peek *peek, int *ret_fd, struct err *err);

/* Its root, to be read, without what is mounted in it. The caller, whose process enters a mount
 * namespace of its own for it, owns *ret_fd. ERR_CONFLICT: it is a view of the host's. */
int peek_open_root(struct peek *peek, int *ret_fd, struct err *err);
