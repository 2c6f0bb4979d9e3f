/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is known of one process's isolation: its namespaces and who else is in them, the processes
 * it makes up a container with, its id maps, its control groups. Data for the command line to put
 * into words, and for JSON as it stands (so the lists and strings are oci/types.h's). Any process
 * will do, whoever made it; what may not be read is missing, and never a failure.
 */

#include "engine/nsscan.h"
#include "oci/types.h"
#include "sys/idmap.h"

struct nsview_namespace {
	int kind;      /* enum ns_kind */
	int whose;     /* enum ns_whose */
	uint64_t ino;  /* 0: not readable, or this kernel has none */
	uint64_t children_ino; /* where its next children go, if that is another; or 0 */
	uint64_t n_others;
	OCI_LIST(uint32_t) others; /* the pids of who else is in it, as far as that may be read */
};

struct nsview_process {
	uint32_t host_pid;
	struct oci_u64 ns_pid; /* in the pid namespace of the process looked at */
	OCI_LIST(uint32_t) pids; /* in each pid namespace from ours to its own */
	uint32_t uid;          /* the effective one, as we count */
	struct oci_u64 ns_uid; /* as the process looked at counts */
	char *name, *command;  /* UTF-8 */
};

/* Why these processes: they are what is called a container here. */
enum nsview_together {
	NSVIEW_BY_PID,   /* all of its pid namespace, and of those below it */
	NSVIEW_BY_OTHER, /* that is the host's, but they share a namespace that is not */
	NSVIEW_ALONE,    /* it has none of its own, or they are not ours to read */
	NSVIEW_TOGETHER_MAX_
};

struct nsview_ids {
	struct idmap uids, gids;
	bool is_setgroups_denied;
};

struct nsview_group {
	char *hierarchy; /* "memory", "cpu,cpuacct"; "" is v2 */
	char *path;      /* as our own cgroup namespace shows it */
};

struct nsview_usage {
	struct oci_u64 used, limit; /* not set: not known; no limit */
};

struct nsview_cgroup {
	OCI_LIST(struct nsview_group) groups;
	struct nsview_usage memory_bytes, processes;
	struct oci_u64 cpu_used_ns, cpu_quota_us, cpu_period_us;
	char *cpus; /* "0-3", or NULL */
	char *unreadable; /* why there is nothing of it, or NULL */
};

struct nsview {
	uint32_t host_pid;
	uint32_t thread_of; /* the process, where host_pid is one of its threads; or 0 */
	char *name, *command; /* UTF-8 */
	char *started;        /* RFC 3339, or NULL */
	uint64_t age_s;
	OCI_LIST(struct nsview_namespace) namespaces; /* NS_KIND_MAX_, by kind */
	int together; /* enum nsview_together */
	OCI_LIST(struct nsview_process) processes;
	struct nsview_ids *ids; /* NULL: not readable */
	struct nsview_cgroup cgroup;
	uint64_t n_hidden; /* processes of the host whose namespaces we may not read */
};

/* Look at process or thread `host_pid`. ERR_NOT_FOUND (-ESRCH): there is none, or it has ended. */
int nsview_make(const struct nsscan *scan, pid_t host_pid, struct arena *arena, struct nsview *ret,
		struct err *err);

/* Its control groups, for nsview_make. */
void nsview_cgroup_read(pid_t host_pid, struct arena *arena, struct nsview_cgroup *ret);
