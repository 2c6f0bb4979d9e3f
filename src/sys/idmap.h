/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The ids of a user namespace: which of its own are which of the host. user_namespaces(7),
 * newuidmap(1).
 */

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct idmap_range {
	uint32_t inside, outside, size;
};

struct idmap {
	const struct idmap_range *ranges; /* borrowed */
	size_t n;
};

/* Pure: refuses (ERR_USAGE) an empty map, empty ranges, those that run past the largest id, and
 * those that overlap, on either side. */
int idmap_check(const struct idmap *map, struct err *err);

/*
 * Take apart what /proc/PID/uid_map or gid_map says: "INSIDE OUTSIDE SIZE" a line, padded with
 * blanks. Outside is as the reader's user namespace counts. The ranges are in `arena`; none: nobody
 * is mapped yet. -EINVAL: it is not of that form.
 */
int idmap_parse(const char *text, struct arena *arena, struct idmap *ret, struct err *err);

/* What id `outside` is inside: 1, or 0 for one that is not mapped. */
int idmap_find_inside(const struct idmap *map, uint32_t outside, uint32_t *ret_inside);

/*
 * Write the maps of process `host_pid`, a child of ours in a user namespace that has none yet.
 * Where we lack the right, by the host's newuidmap and newgidmap, run side by side; where we may
 * map just ourselves, setgroups(2) is denied inside first, as the kernel wants it. Whoever is not
 * root must be dumpable until this is done (-EACCES): the child's files in /proc are root's
 * otherwise. `proc_fd`: sys/proc.h.
 */
int idmap_write(int proc_fd, pid_t host_pid, const struct idmap *uids, const struct idmap *gids,
		struct err *err);

/*
 * A user namespace with these maps and nobody in it, as idmapped mounts want one. The caller owns
 * *ret_fd. The calling process must be single-threaded.
 */
int idmap_userns_fd(int proc_fd, const struct idmap *uids, const struct idmap *gids, int *ret_fd,
		    struct err *err);
