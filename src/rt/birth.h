/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A container being born, as the parent sees it: from the reservation of its name to the moment
 * when its first process has done everything but execve. rt_create leaves it there, rt_run goes on.
 */

#include "rt/container.h"
#include "rt/plan.h"
#include "rt/seccomp.h"

struct birth {
	const struct rt_create *create;
	const struct oci_spec *spec;
	struct container c;       /* what is being born */
	struct record record;     /* c.record */
	bool is_reserved;         /* the directory is ours: undo if we fail */
	bool wants_cgroup;        /* c.cg knows the hierarchies; c.has_cgroup: it is made */

	struct plan plan;
	struct seccomp_program filter;
	struct child child;
	struct op_wait *enter;
	const struct op_join *join_first; /* by a process between us and the child; NULL: none */
	uint64_t clone_flags, late_flags; /* namespaces by clone3, and by the child itself */
	int parent_pidns_fd;      /* ours, while we are about to put the child into another; -1 */
	int sync_fd;              /* our end */
	int terminal_fd;          /* the master of the container's terminal; -1 */
	pid_t host_pid;           /* its pidfd is c.pidfd */
};

void birth_init(struct birth *b, const struct rt *rt, const struct rt_create *create);
void birth_done(struct birth *b);
#define auto_birth auto_cleanup(birth_done)

/*
 * Do it all, up to READY. With `waits_on_socket` the child then waits in the state directory for
 * `start`, else for GO on b->sync_fd. On failure nothing is left behind.
 */
int birth_give(struct birth *b, bool waits_on_socket, struct err *err);

/* Make the cgroups and set their limits. What stood there before is left alone. */
int birth_make_cgroup(struct birth *b, struct err *err);

/* Undo, after birth_give succeeded but something later did not. Keeps `err` of the caller. */
void birth_undo(struct birth *b);

/* The state for hooks, as JSON. */
void birth_format_state(const struct birth *b, enum rt_status status, struct buf *out);
