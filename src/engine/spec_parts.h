/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The parts of a specification, each made by a file of its own for spec_make, in the order of this
 * list: the seccomp profile asks which capabilities there are.
 */

#include "engine/spec.h"

struct draft {
	const struct config *config;
	const struct spec_place *place;
	struct arena *arena;
	struct oci_spec *spec; /* with its root, process and linux_ in place */
};

/* process: what runs, as whom, in which environment. */
int spec_add_process(const struct draft *draft, struct err *err);

/* process.rlimits */
int spec_add_rlimits(const struct draft *draft, struct err *err);

/* process.capabilities */
int spec_add_capabilities(const struct draft *draft, struct err *err);

/* mounts, and what of them is hidden or can't be written */
int spec_add_mounts(const struct draft *draft, struct err *err);
int spec_add_masks(const struct draft *draft, struct err *err);

/* Did a person put something there? */
bool spec_is_target(const struct config *config, const char *target);

/* What was asked; else, of who shares the host's network or its name, the host's. NULL: it is
 * another container's, and left to that. */
char *spec_hostname(const struct config *config, struct arena *arena);

/* linux.resources, and the devices of the host: to these belong rules among the resources */
int spec_add_resources(const struct draft *draft, struct err *err);
int spec_add_devices(const struct draft *draft, struct err *err);

/* How many processes it may have, and how much of memory and swap together: what was asked, or as
 * much as there is memory. Unset: no limit. */
struct oci_i64 spec_pids(const struct config *config);
struct oci_i64 spec_swap(const struct config *config);

/* linux.resources.blockIO; called by spec_add_resources, which makes what it is in */
int spec_add_blkio(const struct draft *draft, struct err *err);

/* linux.sysctl */
int spec_add_sysctls(const struct draft *draft, struct err *err);

/* linux.seccomp */
int spec_add_seccomp(const struct draft *draft, struct err *err);

/* The /dev/shm of another container, on the stage. */
#define SPEC_SHM_NAME "shm"

/* Where a container finds its init program. /dev is ours, so that nothing is left in the root. */
#define SPEC_INIT_PATH "/dev/tare-init"
