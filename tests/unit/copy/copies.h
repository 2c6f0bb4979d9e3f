/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A container's root, $T/root, and beside it what is not its own, $T/outside; and a whole copy in
 * one call, as cp does it.
 */

#include "copy/place.h"
#include "copy/tree.h"
#include "copy/walk.h"
#include "sys/resolve.h"
#include "tap.h"
#include "tmpdir.h"

struct copies {
	struct tmpdir dir;
	int root_fd, out_fd;
	struct copy_side root;
	struct copy_seen seen;
	struct err err;
};

#define auto_copies auto_cleanup(copies_done)

static inline bool copies_make(struct copies *c)
{
	*c = (struct copies){ .root_fd = -1, .out_fd = -1 };
	(void)umask(0);
	tmpdir_make(&c->dir);
	if (mkdirat(c->dir.fd, "root", 0755) < 0 || mkdirat(c->dir.fd, "outside", 0755) < 0)
		return false;
	c->root_fd = openat(c->dir.fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	c->out_fd = openat(c->dir.fd, "outside", O_PATH | O_DIRECTORY | O_CLOEXEC);
	c->root.root_fd = c->root_fd;
	return c->root_fd >= 0 && c->out_fd >= 0;
}

static inline void copies_done(struct copies *c)
{
	closep(&c->root_fd);
	closep(&c->out_fd);
	tmpdir_done(&c->dir);
}

/* Both ends are the container's, unless they begin with "//": then they are ours. */
static inline const struct copy_side *copies_side(const struct copies *c, const char *path)
{
	static const struct copy_side ours = { .root_fd = AT_FDCWD };

	return strncmp(path, "//", 2) == 0 ? &ours : &c->root;
}

static inline int copies_walk(struct copies *c, const struct copy_place *source, const char *as,
			      int dir_fd, bool overwrite)
{
	struct copy_tree *tree = calloc(1, sizeof(*tree));
	const struct copy_sink sink = copy_tree_sink(tree);
	const struct copy_walk request = { source->dir_fd, source->name, as, { 0, 0 }, &sink };
	int r;

	tree->owner = copy_owner_here(&c->root.ids, false);
	tree->overwrite = overwrite;
	copy_tree_init(tree, dir_fd);
	r = copy_walk(&request, &c->seen, &c->err);
	copy_tree_done(tree);
	free(tree);
	return r;
}

static inline int copies_copy(struct copies *c, const char *from, const char *to, bool overwrite)
{
	auto_copy_place struct copy_place source = COPY_PLACE_NONE, target = COPY_PLACE_NONE;
	char name[NAME_MAX + 1];
	auto_close int dir_fd = -1;
	const char *as = NULL;
	int r;

	c->err = (struct err){};
	r = copy_find_source(copies_side(c, from), from, false, &source, name, &c->err);
	if (r == 0)
		r = copy_find_target(copies_side(c, to), to, &target, &c->err);
	if (r == 0)
		r = copy_decide(&source, name, &target, overwrite, &as, &dir_fd, &c->err);
	return r < 0 ? r : copies_walk(c, &source, as, dir_fd, overwrite);
}

/* Is `text` what is in the file? No link leads there. */
static inline bool copies_has(int dir_fd, const char *name, const char *text)
{
	auto_close int fd = resolve_open_plain(dir_fd, name, O_RDONLY);
	char got[64] = "";

	return fd >= 0 && read(fd, got, sizeof(got) - 1) >= 0 && strcmp(got, text) == 0;
}

static inline bool copies_lacks(int dir_fd, const char *name)
{
	return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0;
}
