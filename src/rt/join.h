/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Hooks that run inside the container, and what protects the process of ours that becomes the hook
 * while it is in there. setns(2).
 */

#include "oci/spec.h"
#include "rt/child.h"
#include "rt/hooks.h"

/* The namespaces (CLONE_NEW*) that the container does not share with us: those of its config. */
unsigned join_flags(const struct oci_spec *spec);

/* Who the container's user namespace takes us for: its root, or where it has none the first of its
 * users. */
struct op_ids join_ids(const struct oci_spec *spec);

/* Whether setgroups is denied in there, as where a user maps nothing but his own group. */
bool join_keeps_groups(const struct oci_spec *spec);

/* Take our own executable out of reach, of this process and its children: before one of them is
 * in a pid namespace that is not ours alone. selfexe_adopt. */
int join_hide_executable(struct err *err);

/* Enter the pid namespace of `flags` (join_flags), for our children; we stay where we are. What is
 * joined on the way is taken off `join`. */
int join_for_children(int pidfd, unsigned flags, struct op_pidfd *join, struct err *err);

/* What the process needs between setns and exec. */
struct join_guard {
	int root_fd; /* change the root to this, borrowed; or -1 */
	bool in_userns;
	struct op_ids ids;
};

/* Have the hooks of `ctx` run in all namespaces of the container whose first process is behind
 * `pidfd`. `guard`, of which only root_fd is set, must live as long as `ctx`. */
void join_context(struct hook_context *ctx, int pidfd, const struct oci_spec *spec,
		  struct join_guard *guard);
