/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The control groups of one container, in whatever hierarchies this machine has: made, limited,
 * joined, frozen, killed, watched, measured, removed. OCI runtime specification, config-linux.md,
 * "Control groups"; cgroups(7).
 *
 *	struct cgroupfs fs = {};                       once per program
 *	cgroupfs_open(&fs, err);
 *	struct cgroup cg;
 *	cgroup_init(&cg, &fs, rt->rootless ? CGROUP_ROOTLESS : 0);
 *	cgroup_path_resolve(linux_->cgroups_path, id, &path, err);
 *	cgroup_create(&cg, buf_str(&path), resources, 0, err);
 *	cgroup_apply(&cg, resources, err);             before anyone is inside
 *	n = cgroup_open_tasks(&cg, fds, CGROUPFS_TREES_MAX, err);
 *	clone3(... CLONE_INTO_CGROUP if cgroup_v2_fd(&cg) >= 0 ...)
 *	child: write "0" to each of fds, unshare(CLONE_NEWCGROUP)
 *
 * A struct cgroup borrows its struct cgroupfs. `resources` may be NULL: asks for nothing. A
 * rootless container may end up in no hierarchy: its group is then empty to all that look or kill.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "oci/spec.h"
#include "sys/cgroupfs.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum cgroup_flags {
	/* Hierarchies that we have no right to write are left out unless a limit needs them; device
	 * rules that we have no right to set are left out. */
	CGROUP_ROOTLESS = 1 << 0,
	/* Limits whose controller is missing are left out, with a warning for each controller. */
	CGROUP_IGNORE_MISSING = 1 << 1,
};

enum cgroup_create_flags {
	/* The directories may exist and hold processes: another (systemd) made them for us. */
	CGROUP_MAY_EXIST = 1 << 0,
	/* Also in the v2 tree of a hybrid machine, if that can be: there systemd looks for whom a
	 * logout ends. */
	CGROUP_EVERYWHERE = 1 << 1,
};

struct cgroup {
	const struct cgroupfs *fs;
	unsigned flags;
	char *path;			   /* below each hierarchy's root: "/a/b"; ours */
	int dir_fds[CGROUPFS_TREES_MAX];   /* O_PATH, by tree of fs; -1: not in that one */
	uint32_t left_out;		   /* CGROUP_BIT()s of what CGROUP_IGNORE_MISSING hit */
	size_t made[CGROUPFS_TREES_MAX];   /* length in `path` of the topmost that we made, or 0 */
};

void cgroup_init(struct cgroup *cg, const struct cgroupfs *fs, unsigned flags);
void cgroup_done(struct cgroup *cg); /* closes; removes nothing */
#define auto_cgroup auto_cleanup(cgroup_done)

/* --------------------------------------------------------------------------- making */

/*
 * The path below the hierarchies' roots that linux.cgroupsPath means: absolute and relative alike;
 * "/ID" when it is NULL or empty. "." and doubled slashes vanish. ERR_USAGE: a component is "..",
 * or the path is the root itself. Appends to `ret_path`.
 */
int cgroup_path_resolve(const char *cgroups_path, const char *id, struct buf *ret_path,
			struct err *err);

/*
 * Make the group in each v1 hierarchy, or in the v2 tree with the controllers that `resources`
 * needs and those that account (cpu, io, memory, pids) enabled down to it. The v2 tree of a hybrid
 * machine is used only when something asked for is nowhere else. On failure what was made is
 * removed.
 *
 * ERR_CONFLICT: it exists and holds processes. ERR_USAGE: a limit was asked for whose controller
 * this machine, or our rights, lack; the words name it and say why, the hint how to get it.
 */
int cgroup_create(struct cgroup *cg, const char *path, const struct oci_resources *resources,
		  unsigned flags, struct err *err);

/* Remove the directories that cgroup_create made, and no others: for undoing. */
void cgroup_unmake(struct cgroup *cg);

/*
 * Open the group `path` where it exists; hierarchies without it are left out. ERR_NOT_FOUND: there
 * is none anywhere.
 */
int cgroup_open(struct cgroup *cg, const char *path, struct err *err);

/* The group `sub` below `parent`, for exec --cgroup. It must exist; a ".." is refused as above. */
int cgroup_open_sub(struct cgroup *cg, const struct cgroup *parent, const char *sub,
		    struct err *err);

/*
 * Open the groups that a process is in now, for another to join it there: a container may have made
 * groups of its own below, and on v2 then has none in its first. Each hierarchy may have another
 * path, so such a cgroup is for joining and listing; freezing, killing and removing it is refused.
 * ERR_NOT_FOUND (-ESRCH): no such process.
 */
int cgroup_open_pid(struct cgroup *cg, pid_t host_pid, struct err *err);

/* --------------------------------------------------------------------------- limits */

/*
 * Write all of `resources`, and the device rules: everything denied but the runtime's default
 * devices and what `resources` allows. For a new container; NULL and an empty one deny devices too.
 */
int cgroup_apply(struct cgroup *cg, const struct oci_resources *resources, struct err *err);

/* Write what is present in `resources` to a running container's group. Devices change only when
 * rules are given. */
int cgroup_update(struct cgroup *cg, const struct oci_resources *resources, struct err *err);

/*
 * Give the group, on v2, to the user whom the container's process is, if it has a cgroup namespace
 * and mounts its group so that it can write: "Cgroup ownership" of the specification. Limits stay
 * ours.
 */
int cgroup_delegate(const struct cgroup *cg, const struct oci_spec *spec, struct err *err);

/* --------------------------------------------------------------------------- joining */

/*
 * Open the v1 `tasks` files for a single-threaded child that joins by writing "0" to each: that
 * avoids the grace period (about 10 ms) that moving any other process costs. Returns how many; 0 on
 * v2. The caller closes them. `n` of CGROUPFS_TREES_MAX is always enough.
 */
int cgroup_open_tasks(const struct cgroup *cg, int *ret_fds, size_t n, struct err *err);

/* The group's directory in the v2 tree, for CLONE_INTO_CGROUP; cg's own; -1 when there is none. */
int cgroup_v2_fd(const struct cgroup *cg);

/* Move a process with all its threads, from outside and slowly: about 10 ms. */
int cgroup_add_pid(const struct cgroup *cg, pid_t host_pid, struct err *err);

/* --------------------------------------------------------------------------- processes */

/* All processes of the group and those below it, each once, in `arena`. */
int cgroup_pids(const struct cgroup *cg, struct arena *arena, pid_t **ret_pids, size_t *ret_n,
		struct err *err);

/* Is anyone inside, or below? 1 or 0. */
int cgroup_is_populated(const struct cgroup *cg, struct err *err);

/* Stop or go on, and wait (10 s at the most: -ETIMEDOUT) until the kernel says so. */
int cgroup_freeze(const struct cgroup *cg, bool frozen, struct err *err);

/* 1 or 0. 0 where the machine has no freezer. */
int cgroup_is_frozen(const struct cgroup *cg, struct err *err);

/* Send `signal` to every process, so that none escapes by forking. An empty group is success. */
int cgroup_kill(const struct cgroup *cg, int signal, struct err *err);

/*
 * Is the group left by all? If so it is removed from the hierarchy that is asked about processes:
 * the kernel does that for nobody's groups only, and it takes a third of asking. Where others were
 * made below it, the answer is no.
 */
bool cgroup_remove_left(struct cgroup *cg);

/*
 * Remove the group and all groups below it, waiting (10 s at the most) for the kernel to reap what
 * was killed. That it is gone already is success. ERR_CONFLICT (-EBUSY): someone still lives there.
 */
int cgroup_remove(struct cgroup *cg, struct err *err);

/* --------------------------------------------------------------------------- looking */

/* A descriptor that polls readable when the kernel kills for lack of memory. The caller closes it.
 * ERR_NOT_FOUND: no memory controller. */
int cgroup_oom_open(const struct cgroup *cg, int *ret_fd, struct err *err);

/* Take what `fd` reported: 1 there was a kill, 0 there was none, -ESRCH the group is gone or, on
 * v2, empty. `*seen`, the kills told so far, 0 at first, is the caller's memory between calls. */
int cgroup_oom_consume(const struct cgroup *cg, int fd, uint64_t *seen, struct err *err);

/* How many processes of the group the kernel has killed for lack of memory: on v2 of those below it
 * too, on v1 its own alone. 0 where that is not known. */
uint32_t cgroup_oom_kills(const struct cgroup *cg);

/* How the hierarchies look to a container that mounts them. */
struct cgroup_hierarchy {
	bool v2;
	char mount_name[64];  /* "memory", "cpu,cpuacct", "systemd", "unified"; "" if v2 is all */
	char option[80];      /* mount data: "cpu,cpuacct", "none,name=systemd"; "" on v2 */
	char links[4][16];    /* symlinks to make beside a joint mount: "cpu", "cpuacct" */
	size_t n_links;
	int dir_fd;	      /* the container's group, O_PATH; borrowed from cg; -1: not in it */
	int mount_fd;	      /* the hierarchy's root, O_PATH; borrowed from cg->fs */
};

/* One entry per mounted hierarchy, into `ret` of CGROUPFS_TREES_MAX entries. Returns how many. */
size_t cgroup_hierarchies(const struct cgroup *cg, struct cgroup_hierarchy *ret);
