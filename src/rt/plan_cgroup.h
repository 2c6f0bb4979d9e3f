/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A mount of type "cgroup": the container's own groups, as its cgroup namespace shows them. On v2
 * one tree; on v1 and hybrid a tmpfs with a directory per hierarchy. config-linux.md, "Cgroup
 * mounts".
 */

#include "rt/cgroup.h"
#include "rt/mount_options.h"
#include "rt/plan.h"

/* Without a cgroup (plan->cg) the mount is left out. */
int plan_cgroup_mount(struct plan *plan, const struct oci_mount *mount,
		      const struct mount_options *options, struct err *err);
