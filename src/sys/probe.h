/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What this kernel can do, and lets us do. Each feature that tare uses, or is going to, where a
 * kernel may lack it or refuse it: asked of the kernel itself, by a call that changes nothing or a
 * file that is there, and never by its version. docs/kernels.md says the same for people.
 *
 * To add one: a constant here and a row in sys/probe.c.
 */

#include <stddef.h>

enum probe_feature {
	PROBE_MOUNT_API,
	PROBE_MOUNT_SETATTR,
	PROBE_OPENAT2,
	PROBE_CLONE3,
	PROBE_CLONE_INTO_CGROUP,
	PROBE_PIDFD_SETNS,
	PROBE_PIDFD_INODE,
	PROBE_CLOSE_RANGE,
	PROBE_EXE_EXCHANGE,
	PROBE_MEMFD_NOEXEC,
	PROBE_KEYRINGS,
	PROBE_USER_NAMESPACES,
	PROBE_TIME_NAMESPACES,
	PROBE_IDMAPPED_MOUNTS,
	PROBE_OVERLAY,
	PROBE_OVERLAY_IDMAPPED,
	PROBE_OVERLAY_DETACHED,
	PROBE_FUSE,
	PROBE_SECCOMP,
	PROBE_SECCOMP_NOTIFY,
	PROBE_SECCOMP_KILLABLE,
	PROBE_BPF_DEVICES,
	PROBE_BPF_REPLACE,
	PROBE_CGROUP_KILL,
	PROBE_MEMORY_PEAK,
	PROBE_SWAP_LIMIT,
	PROBE_CPU_BURST,
	PROBE_CPU_IDLE,
	PROBE_IO_THROTTLE,
	PROBE_IO_WEIGHT_BFQ,
	PROBE_IO_WEIGHT,
	PROBE_HUGETLB_RESERVED,
	PROBE_PRESSURE,
	PROBE_MEMORY_POLICY,
	PROBE_RESCTRL,
	PROBE_NFTABLES,
	PROBE_FEATURE_MAX_,
};

/* UNKNOWN: it takes more rights than ours to tell, or there is nothing to look at. */
enum probe_answer { PROBE_NO, PROBE_YES, PROBE_UNKNOWN };

struct probe_row {
	const char *name;    /* "idmapped-mounts" */
	const char *purpose; /* what of tare's it is for */
	const char *since;   /* the kernel that brought it; for people, nobody compares it */
	const char *without; /* what happens where it is missing */
	enum probe_answer (*check)(void);
};

extern const struct probe_row probe_rows[PROBE_FEATURE_MAX_];

/* The answer, asked for once. The calling process must be single-threaded: some take a child. */
enum probe_answer probe(enum probe_feature feature);

/* ------------------------------------------------------------------- files of cgroups */

/*
 * Does a cgroup of this machine have the file? `v1` and `v2` are its names in the hierarchy that
 * bears `controller` (an enum cgroup_controller, or -1: none, any group of v2); NULL: there is none
 * of that kind.
 */
enum probe_answer probe_group_file(int controller, const char *v1, const char *v2);
