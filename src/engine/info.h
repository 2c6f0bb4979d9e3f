/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is known of this machine and this engine before a container is made: what there is, what of
 * it we may use, and which features the kernel has (sys/probe.h). Gathering changes nothing and
 * needs no rights; what our rights do not show is said to be unknown.
 */

#include "engine/engine.h"
#include "sys/probe.h"

struct info_feature {
	const char *name, *purpose, *since, *without; /* as in struct probe_row */
	int answer;                                   /* enum probe_answer */
};

struct info_cgroup {
	const char *kind;    /* "v1", "v2", "hybrid" or "none" */
	const char *manager; /* who makes the groups of containers: "cgroupfs" */
	bool has_systemd;    /* it runs this machine */
	struct oci_strings controllers; /* those that are there */
	struct oci_strings usable;      /* those that we may use: root's, or delegated to us */
};

struct info_security {
	bool seccomp, apparmor, selinux, user_namespaces;
	const char *seccomp_profile; /* that of containers by default */
};

struct info_containers {
	bool is_known; /* false: we may not look */
	uint32_t created, running, paused, exited;
};

struct info {
	const char *version, *kernel, *machine; /* machine: the architecture */
	uint32_t uid, cpus;
	uint64_t memory_bytes, swap_bytes;
	struct info_cgroup cgroup;
	struct info_security security;
	const char *root;
	struct info_containers containers;
	OCI_LIST(struct info_feature) features;
};

/* In `arena`. The calling process must be single-threaded. */
void info_gather(const struct engine *engine, struct arena *arena, struct info *ret);
