/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* From which NUMA nodes a process gets its memory. set_mempolicy(2); linux.memoryPolicy. */

#include "base/err.h"
#include "sys/bitlist.h"

#include <stddef.h>

struct mempolicy {
	int mode; /* MPOL_*, with its MPOL_F_* flags */
	bool has_nodes;
	struct bitlist nodes;
};

/*
 * `mode` is "MPOL_BIND" and its like, `nodes` a list as "0-3,7", or NULL or "" for none, `flags`
 * are "MPOL_F_STATIC_NODES" and its like. -ENOSYS: this kernel has no memory policies.
 */
int mempolicy_parse(const char *mode, const char *nodes, char *const *flags, size_t n_flags,
		    struct mempolicy *ret, struct err *err);

/* Of the calling process. -EINVAL: the kernel lacks the mode, or the nodes. Callable after fork.
 * 0 or -errno. */
int mempolicy_set(const struct mempolicy *policy);
