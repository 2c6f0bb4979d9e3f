/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is copied becomes a tree below a directory that others may change meanwhile. Directories
 * that are there already keep what they are.
 */

#include "copy/owner.h"

#define COPY_TREE_DEPTH 260 /* more than copy/walk.h goes */

struct copy_level {
	int fd;
	bool is_new;
};

struct copy_tree {
	struct copy_owner owner;
	bool overwrite;
	struct copy_level levels[COPY_TREE_DEPTH]; /* the first is where it all goes */
	size_t n_levels;
	struct stat top; /* the first directory of the copy, once there is one */
};

/* `dir_fd` is borrowed. umask(2) must be 0. */
void copy_tree_init(struct copy_tree *tree, int dir_fd);
void copy_tree_done(struct copy_tree *tree);

struct copy_sink copy_tree_sink(struct copy_tree *tree);
