/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A container that exists, as the verbs other than create see it: its record, whether its first
 * process lives, and its cgroup.
 */

#include "base/arena.h"
#include "rt/cg_systemd.h"
#include "rt/cgroup.h"
#include "rt/record.h"
#include "rt/rt.h"

struct container {
	const struct rt *rt;
	struct arena arena;
	struct record_dir dir;
	struct record *record;
	enum rt_status status;
	int proc_fd;
	int pidfd;            /* of the first process; -1 when it is gone */
	bool has_cgroup;      /* `cg` is open */
	struct cgroupfs cgroupfs;
	struct cgroup cg;
};

void container_init(struct container *c, const struct rt *rt);
void container_done(struct container *c);
#define auto_container auto_cleanup(container_done)

/* Read the record of `id` and find out its status. ERR_NOT_FOUND. */
int container_open(struct container *c, const char *id, struct err *err);

/* After container_open failed: what can be known of a container whose record is damaged. */
int container_salvage(struct container *c, const char *id, struct err *err);

/* Open its cgroup as well. One that is gone leaves has_cgroup false. */
int container_open_cgroup(struct container *c, struct err *err);

/* Both, one after the other. */
int container_open_with_cgroup(struct container *c, const char *id, struct err *err);

/* The systemd scope of its record. False: it has none. */
bool container_scope(const struct container *c, struct cg_systemd_scope *ret_scope);

/* -ECONFLICT unless running or paused, or created if that is allowed too. */
int container_require_alive(const struct container *c, bool created_too, struct err *err);

/* Its state for hooks and for `state`, in c's arena. */
struct rt_state *container_state(struct container *c);
