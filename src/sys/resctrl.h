/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Shares of cache and memory bandwidth, and their monitoring: linux.intelRdt of the runtime
 * specification. The kernel's user interface is Documentation/filesystems/resctrl.rst.
 *
 * A class of service (closID) is a directory below the resctrl root, a monitoring group one below
 * its mon_groups. Functions take the root as a descriptor.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* ERR_USAGE (-ENOTSUP): no resctrl filesystem is mounted. The caller owns *ret_fd. */
int resctrl_open(int *ret_fd, struct err *err);

struct resctrl_group {
	const char *clos_id;	  /* NULL or "": the container's id. "/": the root's own class */
	const char *container_id; /* also the monitoring group's name */
	const char *l3_cache_schema, *mem_bw_schema; /* "L3:0=f;1=f", "MB:0=20;1=70"; may be NULL */
	char *const *schemata;			     /* whole lines; written after those */
	size_t n_schemata;
	bool monitor;
};

/* What resctrl_create made, and so what the container's end removes. Keep it in the state. */
struct resctrl_made {
	bool clos, monitor;
};

/*
 * Make the group and write its schemata. A class that exists is left as it is: then the l3 and
 * memory schemas must agree with what it has, and nothing else may be asked of it; without any
 * schema and with a closID, it must exist. On failure nothing is left behind.
 *
 * ERR_USAGE: a closID that is no name, or schemas that don't agree. -ENOSPC: the hardware has no
 * more classes. The kernel's last_cmd_status is part of the words.
 */
int resctrl_create(int root_fd, const struct resctrl_group *group, struct resctrl_made *ret_made,
		   struct err *err);

/* Put a process, with the threads it has not started yet, into the group. */
int resctrl_add_pid(int root_fd, const struct resctrl_group *group, pid_t host_pid,
		    struct err *err);

/* Remove what was made; that it is gone already is success. */
int resctrl_remove(int root_fd, const struct resctrl_group *group, struct resctrl_made made,
		   struct err *err);
