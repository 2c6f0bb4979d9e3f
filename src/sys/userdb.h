/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The users and groups of a container's own /etc/passwd and /etc/group, read by us: the C library
 * would load modules and follow paths that the image chose. passwd(5), group(5).
 *
 * The caller opens both files below the container's root, with O_NONBLOCK lest one is a FIFO.
 */

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct userdb {
	const char *passwd, *group; /* the texts, in the arena; "" for a file that is not there */
};

/* Read the files; -1 for one that is missing. Refused (ERR_USAGE): what is no regular file, or is
 * larger than 1 MiB. The descriptors stay the caller's. */
int userdb_load(int passwd_fd, int group_fd, struct arena *arena, struct userdb *ret,
		struct err *err);

struct userdb_user {
	uint32_t uid, gid;
	uint32_t *gids; /* additional groups; in the arena */
	size_t n_gids;
	const char *name, *home; /* NULL: the uid is not in passwd */
};

/*
 * "user", "user:group"; each a name or a number. A number is never looked up as a name; it need not
 * be in the files, and a uid that is not has group 0. Additional groups are those that list the
 * user's name, unless a group is given. ERR_NOT_FOUND: no such name. ERR_USAGE: not of that form,
 * or an id out of range.
 */
int userdb_resolve(const struct userdb *db, const char *who, struct arena *arena,
		   struct userdb_user *ret, struct err *err);

/* A group alone, by name or number; the same errors. */
int userdb_find_group(const struct userdb *db, const char *group, uint32_t *ret_gid,
		      struct err *err);
