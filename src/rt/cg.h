/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of the control group rooms share: the table of controllers, and how a limit is
 * written. Not for others: rt/cgroup.h is the front.
 *
 * To add a controller: a file rt/cg_NAME.c with its v1, v2 and statistics side by side, and one
 * line in the table of rt/cg_limits.c.
 */

#include "rt/cgroup.h"
#include "rt/cgroup_stats.h"

/*
 * A controller. `asks` names the first member of `resources` that needs it, or is NULL when none
 * does. The apply functions write into the group `dir_fd`; one that is missing means that the
 * hierarchy's kind can't do it. The stats functions fill what they know and leave the rest.
 */
struct cg_controller {
	enum cgroup_controller controller;
	const char *(*asks)(const struct oci_resources *res);
	int (*apply_v1)(int dir_fd, const struct oci_resources *res, struct err *err);
	int (*apply_v2)(int dir_fd, const struct oci_resources *res, struct err *err);
	void (*stats_v1)(int dir_fd, struct cgroup_stats *stats);
	void (*stats_v2)(int dir_fd, struct cgroup_stats *stats);
};

/* The rows; each in its own file. */
extern const struct cg_controller cg_blkio, cg_cpu, cg_cpuacct, cg_cpuset, cg_hugetlb, cg_memory,
	cg_net_cls, cg_net_prio, cg_pids, cg_rdma;

/* --------------------------------------------------------------------------- writing limits */

/*
 * Write a limit. `member` is the member of config.json that asked for it, for the error, which also
 * says the kernel's reason in words. Returns the kernel's errno, so a caller can branch on it.
 */
int cg_put(int dir_fd, const char *file, const char *text, const char *member, struct err *err);
int cg_put_u64(int dir_fd, const char *file, uint64_t value, const char *member, struct err *err);

/* Negative values mean no limit: "max" (v2 and pids). */
int cg_put_max(int dir_fd, const char *file, int64_t value, const char *member, struct err *err);

/* "MAJOR:MINOR VALUE", or with a `key` "MAJOR:MINOR key=VALUE". */
struct cg_dev_value {
	int64_t major, minor;
	const char *key; /* or NULL */
	uint64_t value;
};
int cg_put_dev(int dir_fd, const char *file, const struct cg_dev_value *dev, const char *member,
	       struct err *err);

/* What no controller of this kind of hierarchy can do. Returns -EOPNOTSUPP, ERR_USAGE. */
int cg_no_v2(const char *member, struct err *err);

/* The reason that a control file gives with errno `no`. */
const char *cg_reason(int no);

/* --------------------------------------------------------------------------- between the rooms */

/* The words for people in a hierarchy: "memory", "name=systemd", "unified". */
const char *cg_tree_label(const struct cgroupfs_tree *tree);

/* Is `cg` one container's group, to freeze, kill and remove, and not what cgroup_open_pid found? */
int cg_check_owned(const struct cgroup *cg, struct err *err);

/* Is an errno of mkdir or open one that a user without rights gets? */
bool cg_is_denied(int no);

/* A limit that `member` asks for lacks its controller: which, why, and with a hint what brings it.
 * `failure` kept it from being enabled: a negative errno, or 0. -ENOENT, ERR_USAGE. */
int cg_missing(const struct cgroup *cg, enum cgroup_controller controller, const char *member,
	       int failure, struct err *err);

/* The same for a container that runs without what is missing: warns once, remembers it, and returns
 * 0. */
int cg_missing_or_leave(struct cgroup *cg, enum cgroup_controller controller, const char *member,
			int failure, struct err *err);

/* The controllers of v2 (bits) that `res` needs, and the first member that needs `bit`. */
uint32_t cg_v2_needs(const struct cgroup *cg, const struct oci_resources *res);
const char *cg_v2_member(const struct oci_resources *res, enum cgroup_controller controller);

/* Does the container need its group in the v2 tree of this machine? */
bool cg_uses_v2(const struct cgroup *cg, const struct oci_resources *res);

/* Enable in the v2 tree, down to the group, what `res` needs. */
int cg_enable_v2(struct cgroup *cg, const struct oci_resources *res, struct err *err);

/* Give a new v1 cpuset group the CPUs and memory nodes of its parents where it has none. */
int cg_cpuset_inherit(const struct cgroupfs_tree *tree, const char *path,
		      const struct oci_resources *res, struct err *err);

/* The hierarchy that is asked about processes: all of them hold the same ones. -1: no group. */
int cg_main_tree(const struct cgroup *cg);

/* Is anyone inside the directory `dir_fd`, or below? 1, 0, or a negative errno. */
int cg_dir_populated(int dir_fd);

/* linux.resources.unified: checked, then written to the v2 group as it stands. */
int cg_unified_check(const struct oci_resources *res, struct err *err);
int cg_unified_apply(int dir_fd, const struct oci_resources *res, struct err *err);

/* The device rules `res` with the runtime's own after them, in whichever hierarchy bears them;
 * of a live container, so that it never lacks what it keeps. */
int cg_devices_apply(const struct cgroup *cg, const struct oci_resources *res, bool live,
		     struct err *err);

/* v1 values of shares and weights as v2 has them. */
uint64_t cg_shares_to_weight(uint64_t shares);
uint64_t cg_blkio_to_io_weight(uint64_t weight);

/* --------------------------------------------------------------------------- statistics */

/* One number, or `otherwise` where the file is missing. */
uint64_t cg_stat(int dir_fd, const char *file, uint64_t otherwise);

/* Lines of "name value", all of them, in the arena. Returns how many. */
size_t cg_stat_named(int dir_fd, const char *file, struct arena *arena, struct cgroup_named **ret);

/* The value of `name` in such a list, or 0. */
uint64_t cg_named(const struct cgroup_named *list, size_t n, const char *name);

void cg_stat_psi(int dir_fd, const char *file, struct cgroup_psi *psi);
