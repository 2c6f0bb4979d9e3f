/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Paths as a person gives them to cp, and what comes of the two: docker's rules, which the manual
 * of `docker container cp` has as a list.
 */

#include "copy/item.h"

#include <limits.h>
#include <stdbool.h>

/* Whose files. */
struct copy_side {
	int root_fd;         /* of a container, or AT_FDCWD: our own */
	struct copy_ids ids;
};

/* A path, resolved as far as its last name: it is known by that in a directory that is held. */
struct copy_place {
	int dir_fd;              /* O_PATH; the caller's */
	char name[NAME_MAX + 1]; /* "." for the directory itself */
	bool is_there;
	struct stat st;          /* of what is there */
	bool asks_dir;           /* the path ends with a slash: it is to be a directory */
	bool asks_contents;      /* it ends with "/.": what is in it is meant */
};

#define COPY_PLACE_NONE { .dir_fd = -1 }
void copy_place_done(struct copy_place *place);
#define auto_copy_place auto_cleanup(copy_place_done)

/* What is copied; `follow` also follows a link at the end. *ret_name: what a copy is called, in
 * `name`, or "" where only what is in it is copied. ERR_NOT_FOUND. */
int copy_find_source(const struct copy_side *side, const char *path, bool follow,
		     struct copy_place *ret, char name[NAME_MAX + 1], struct err *err);

/* Where it may go: what is there, or may be made in a directory that is. Links are followed. */
int copy_find_target(const struct copy_side *side, const char *path, struct copy_place *ret,
		     struct err *err);

/*
 * What is to be done, by docker's rules. *ret_as: the name that the copy gets in the directory
 * *ret_dir_fd, which is the caller's; "": the contents of the source go there. `name` is that of
 * copy_find_source.
 */
int copy_decide(const struct copy_place *from, const char *name, const struct copy_place *to,
		bool overwrite, const char **ret_as, int *ret_dir_fd, struct err *err);
