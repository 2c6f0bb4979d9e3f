/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Ids of the host's for containers that have a user namespace of their own: ranges that nobody else
 * has, so that what is root in one is nobody, and not the same nobody, for all others. They are
 * taken from 0x70000000 on, where no distribution and no other program of this kind gives any out
 * (systemd's UIDS-GIDS.md has the list), 65,536 at a time.
 *
 * Which are taken is kept like names (engine/names.h): ROOT/ids/START -> ID.
 */

#include "base/err.h"

#include <stdint.h>

#define IDS_RANGE 65536u
#define IDS_MOST  (16 * IDS_RANGE) /* for one container */

/* Take `size` ids (a multiple of IDS_RANGE) for the container `id`. ERR_SYSTEM, -EAGAIN: none are
 * left. */
int ids_take(int ids_fd, const char *id, uint32_t size, uint32_t *ret_start, struct err *err);

/* Those of the container `id`; 0 ids are none. */
void ids_release(int ids_fd, const char *id, uint32_t start, uint32_t size);

/* Have ids that another has: nobody else takes them before they are left, whatever becomes of it.
 * Kept as ROOT/ids/START.shared/ID. */
int ids_share(int ids_fd, const char *id, uint32_t start, uint32_t size, struct err *err);
void ids_leave(int ids_fd, const char *id, uint32_t start, uint32_t size);

/* All that it has or shares, when nobody knows any more what that is. */
void ids_release_all(int ids_fd, const char *id);
