/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Idmapped binds: the user namespace that a mount is mapped by exists only once the child does, so
 * they are noted in the plan and mapped between clone3 and ENTER.
 */

#include "rt/mount_options.h"
#include "rt/plan.h"

/* Note that `arg`'s tree is to be mapped, if `mount` or its options ask for it. */
int plan_idmap(struct plan *plan, const struct oci_mount *mount,
	       const struct mount_options *options, struct op_mount *arg, struct err *err);

/* Map all that were noted; `container_userns_fd` is -1 when the container has none. */
int plan_idmap_apply(const struct plan *plan, int proc_fd, int container_userns_fd,
		     struct err *err);
