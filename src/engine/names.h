/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who a name means: a directory of links, NAME -> ID. Making a link is what takes the name, so of
 * two who want one at the same moment exactly one has it, and no lock is needed.
 */

#include "base/err.h"
#include "engine/ident.h"

/* ERR_CONFLICT: the name is taken; the words say by whom. */
int names_take(int names_fd, const char *name, const char *id, struct err *err);

/* Of the container `id`: a name that is not its own is left alone, and the answer false. */
bool names_release(int names_fd, const char *name, const char *id);

/* All names of the container `id`: nobody knows any more which it had. */
void names_release_all(int names_fd, const char *id);

/* Until *ret_fd is closed nobody else releases a name. */
int names_lock(int names_fd, int *ret_fd, struct err *err);

/* For who has that lock; the second: all names of the container but `name`. */
bool names_release_locked(int names_fd, const char *name, const char *id);
void names_release_others(int names_fd, const char *name, const char *id);

/* The id behind `name`. -ENOENT (without words): there is no such name. */
int names_find(int names_fd, const char *name, char ret_id[IDENT_ID_LEN + 1]);
