/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a container's root filesystem comes from: a directory of the host, as it is or with its ids
 * mapped, a view of the host's own root (engine/view.h), or an image whose layers are put together.
 * What is mounted for it is mounted by the monitor, in a mount namespace of its own, so that it
 * goes with it whatever happens.
 */

#include "engine/entry.h"

enum root_kind { ROOT_DIRECTORY, ROOT_MAPPED, ROOT_VIEW, ROOT_IMAGE };

struct root {
	enum root_kind kind;
	const char *path; /* where it is, or will be mounted */
	const char *stage_path; /* where what is bound into it is made; NULL: nothing is */
};

/* Which it is, by the configuration; a place to mount on is made in the entry. */
int root_find(const struct engine *engine, const struct entry *entry, const struct config *config,
	      struct arena *arena, struct root *ret, struct err *err);

/* A mount namespace of this process's own. What it mounts is never the host's; what the host mounts
 * goes on coming here. */
int root_enter_namespace(struct err *err);

/* In the monitor. A directory needs nothing. */
int root_mount(const struct engine *engine, const struct entry *entry, const struct config *config,
	       const struct root *root, struct err *err);

/* Take it away again, as far as it is there, so that the place can be removed. */
void root_unmount(const struct root *root);
