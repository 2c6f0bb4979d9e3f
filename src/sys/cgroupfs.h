/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The kernel's control groups as file trees: which hierarchies are mounted where, and their files.
 * cgroups(7); Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
 *
 * A machine has one tree (v2), one per controller or set of controllers (v1), or both (hybrid).
 * What to do with them is decided in rt/cgroup.
 */

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum cgroup_mode { CGROUP_NONE, CGROUP_V1, CGROUP_HYBRID, CGROUP_V2 };

/* Bits of cgroupfs_tree.controllers. The names of the kernel, but for blkio, which v2 calls io. */
enum cgroup_controller {
	CGROUP_CPU,
	CGROUP_CPUACCT,
	CGROUP_CPUSET,
	CGROUP_MEMORY,
	CGROUP_PIDS,
	CGROUP_IO,
	CGROUP_HUGETLB,
	CGROUP_RDMA,
	CGROUP_MISC,
	CGROUP_DEVICES,
	CGROUP_FREEZER,
	CGROUP_NET_CLS,
	CGROUP_NET_PRIO,
	CGROUP_PERF_EVENT,
	CGROUP_CONTROLLER_MAX_,
};

#define CGROUP_BIT(controller) (1u << (controller))

#define CGROUPFS_TREES_MAX 24 /* more than the kernel's controllers and a few named hierarchies */

struct cgroupfs_tree {
	bool v2;
	uint32_t controllers; /* CGROUP_BIT()s; 0 for a named v1 hierarchy and for v2 */
	char name[64];	      /* as in /proc/self/cgroup: "cpu,cpuacct", "name=systemd", "" (v2) */
	int mount_fd;	      /* O_PATH, the root of what is mounted */
};

struct cgroupfs {
	enum cgroup_mode mode;
	size_t n;
	struct cgroupfs_tree trees[CGROUPFS_TREES_MAX];
};

/*
 * Find what is mounted. The usual places below /sys/fs/cgroup are tried first, and checked by the
 * kind of file system; only where they hold something else is /proc/self/mountinfo read.
 * ERR_NOT_FOUND (-ENOENT): no cgroup file system is mounted.
 */
int cgroupfs_open(struct cgroupfs *fs, struct err *err);

/*
 * The same from a directory that is taken on trust to be of `mode`, whatever file system it is on:
 * v2 lies in it directly, v1 hierarchies in the subdirectories that it has, "unified" is the v2
 * tree of a hybrid. For tests, and for a root other than the usual.
 */
int cgroupfs_open_at(struct cgroupfs *fs, enum cgroup_mode mode, const char *root, struct err *err);

void cgroupfs_done(struct cgroupfs *fs);
#define auto_cgroupfs auto_cleanup(cgroupfs_done)

/* The tree that bears `controller` as v1, or NULL. */
const struct cgroupfs_tree *cgroupfs_find_v1(const struct cgroupfs *fs,
					     enum cgroup_controller controller);

/* The v2 tree, or NULL. */
const struct cgroupfs_tree *cgroupfs_find_v2(const struct cgroupfs *fs);

/*
 * The path in `tree` of the group that a process is in, "/a/b", as /proc/PID/cgroup has it; 0 is
 * ourselves. -ESRCH, ERR_NOT_FOUND: no such process.
 */
int cgroupfs_path_of(const struct cgroupfs_tree *tree, pid_t host_pid, struct buf *ret_path,
		     struct err *err);

/* The name on v2: "memory", "io". */
const char *cgroup_controller_name(enum cgroup_controller controller);

/* The controller of that name on v1 or v2; -ENOENT. */
int cgroup_controller_parse(const char *name, size_t len);

/* -------------------------------------------------------------------------- files of a group */

/* Write `text` to `file` below `dir_fd` in one call. A negative errno; no words: the caller knows
 * what it asked for. Callable after fork. */
int cgroupfs_write(int dir_fd, const char *file, const char *text);

/* Read `file` into `buf` (cap > 0), NUL-terminated, without the final newline. Returns its length
 * or a negative errno; -EFBIG: it did not fit. */
int cgroupfs_read(int dir_fd, const char *file, char *buf, size_t cap);

/* The same for files of any length, at most 1 MiB; appends to `out`. */
int cgroupfs_read_buf(int dir_fd, const char *file, struct buf *out);

/* One number; "max" is UINT64_MAX. */
int cgroupfs_read_u64(int dir_fd, const char *file, uint64_t *ret);

/* The controllers (bits) that a list such as cgroup.controllers names. 0 or a negative errno. */
int cgroupfs_read_controllers(int dir_fd, const char *file, uint32_t *ret_bits);
