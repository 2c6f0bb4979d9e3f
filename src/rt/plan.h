/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Makes, in the parent, the list of operations that the child will walk (rt/child.h). Everything
 * that parses, allocates, formats or opens happens here; errors name the member of config.json.
 *
 * A plan owns its arena and the descriptors that its operations use.
 */

#include "base/arena.h"
#include "base/err.h"
#include "oci/spec.h"
#include "rt/cgroup.h"
#include "rt/child.h"
#include "sys/idmap.h"

/* A mount that becomes read-only when nothing has to be made in it any more. */
struct plan_sealed {
	struct plan_sealed *next;
	const char *target;
	int fd; /* the child's, once it is mounted */
};

struct plan {
	struct arena arena;
	struct op *ops;
	size_t n, cap;
	int *fds; /* closed by plan_done */
	size_t n_fds, cap_fds;

	struct plan_idmapped *idmapped; /* rt/plan_idmap.h; the newest first */
	struct plan_sealed *sealed;     /* read-only in the end; the newest first */

	const char *mount_label; /* the SELinux context of new filesystems; NULL: none */
	const char *bundle;    /* what relative sources start from; NULL: the working directory */
	unsigned host_views;   /* 1 << kind: filesystems of such a namespace can't be made anew */
	bool in_userns;      /* the container has another user namespace than we */
	bool is_privileged;  /* we may clone mounts of the host and open what only root may */
	bool has_mount_ns, no_pivot;
	const struct cgroup *cg; /* for mounts of type cgroup; NULL: the container has none */
	struct caps caps;    /* what the process ends with */
	const struct op_rlimits *nofile; /* a limit of open files to be set last, or NULL */
};

void plan_init(struct plan *plan);
void plan_done(struct plan *plan);
#define auto_plan auto_cleanup(plan_done)

/* Append an operation; its description is printf-formatted. `arg` must live as long as the plan. */
__attribute__((format(printf, 4, 5))) void plan_add(struct plan *plan, op_fn *run, const void *arg,
						    const char *what, ...);

/* The plan closes `fd` in the end. Returns it. */
int plan_own_fd(struct plan *plan, int fd);

/* A zeroed argument for an operation. */
#define plan_new(plan, type) arena_new(&(plan)->arena, type)

/* The parts of a container's plan, in the order in which they are added. `rootfs` is absolute. */
int plan_root(struct plan *plan, const struct oci_spec *spec, const char *rootfs, struct err *err);
void plan_devices(struct plan *plan, const struct oci_spec *spec);
void plan_masks(struct plan *plan, const struct oci_spec *spec);
void plan_root_end(struct plan *plan, const struct oci_spec *spec);

/* One mount of config.json; `member` names it in errors ("mounts[3]"). */
int plan_mount(struct plan *plan, const struct oci_mount *mount, const char *member,
	       struct err *err);

/* After all mounts, and what is made in them. */
void plan_seal_mounts(struct plan *plan);
