/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A store of a claim's own. */

#include "image/hash.h"
#include "store/store.h"

#include "tap.h"
#include "tmpdir.h"

struct setup {
	struct tmpdir dir;
	struct arena arena;
	struct store store;
	char root[300];
	struct err err;
};

static inline void setup_done(struct setup *s)
{
	store_done(&s->store);
	arena_done(&s->arena);
	tmpdir_done(&s->dir);
}

#define auto_setup auto_cleanup(setup_done)

/* Below a directory that is missing. */
static inline bool setup(struct setup *s)
{
	tmpdir_make(&s->dir);
	(void)snprintf(s->root, sizeof(s->root), "%s/var/store", s->dir.path);
	return CHECK(store_open(s->root, true, &s->store, &s->err) == 0);
}

static inline bool is_there(const struct setup *s, const char *path)
{
	return faccessat(s->store.root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static inline struct digest digest_of(const char *text)
{
	struct digest digest;

	hash_bytes(DIGEST_SHA256, text, strlen(text), &digest);
	return digest;
}
