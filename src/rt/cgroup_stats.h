/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a container used, from v1 and v2 files alike. Files that are missing leave zeros. The JSON
 * is the "data" member of a record of `events --stats`, as runc's users read it.
 */

#include "rt/cgroup.h"

struct cgroup_psi_line {
	double avg10, avg60, avg300;
	uint64_t total_us;
};

struct cgroup_psi {
	bool is_set;
	struct cgroup_psi_line some, full;
};

struct cgroup_cpu_stats {
	uint64_t total_ns, kernel_ns, user_ns;
	uint64_t *percpu_ns, *percpu_kernel_ns, *percpu_user_ns; /* n_cpus each, or NULL */
	size_t n_cpus;
	uint64_t periods, throttled_periods, throttled_ns;
	uint64_t quota_us, period_us; /* so much of each period at most; quota 0: no limit */
	struct cgroup_psi psi;
};

/* "max" and "no limit" are UINT64_MAX. */
struct cgroup_usage {
	uint64_t limit, usage, max, failcnt;
};

struct cgroup_named {
	const char *name;
	uint64_t value;
};

struct cgroup_memory_stats {
	uint64_t cache;
	struct cgroup_usage usage, swap, kernel, kernel_tcp; /* swap: memory and swap together */
	struct cgroup_named *raw;			     /* memory.stat */
	size_t n_raw;
	struct cgroup_psi psi;
};

struct cgroup_io_entry {
	uint64_t major, minor;
	const char *op; /* "Read", "Write", ...; "" where there is none */
	uint64_t value;
};

struct cgroup_io_list {
	struct cgroup_io_entry *v;
	size_t n;
};

enum cgroup_io_kind {
	CGROUP_IO_BYTES,
	CGROUP_IO_SERVICED,
	CGROUP_IO_QUEUED,
	CGROUP_IO_SERVICE_TIME,
	CGROUP_IO_WAIT_TIME,
	CGROUP_IO_MERGED,
	CGROUP_IO_TIME,
	CGROUP_IO_SECTORS,
	CGROUP_IO_KIND_MAX_,
};

struct cgroup_hugetlb_stats {
	const char *page_size; /* "2MB" */
	struct cgroup_usage usage;
};

struct cgroup_stats {
	struct arena *arena;
	struct cgroup_cpu_stats cpu;
	const char *cpus, *mems; /* lists; NULL: unknown */
	struct cgroup_memory_stats memory;
	uint64_t pids_current, pids_limit; /* limit 0: none */
	struct cgroup_io_list io[CGROUP_IO_KIND_MAX_];
	struct cgroup_psi io_psi;
	struct cgroup_hugetlb_stats *hugetlb;
	size_t n_hugetlb;
};

/* Read all; what the lists point to lives in `arena`. */
int cgroup_stats_read(const struct cgroup *cg, struct arena *arena, struct cgroup_stats *ret_stats,
		      struct err *err);

/* What is used, in bytes, without the pages of files that the kernel would drop first. */
uint64_t cgroup_memory_needed(const struct cgroup_memory_stats *memory);

/* The least limit of memory of the group and those above it that we can see, in bytes; what is no
 * limit is more than any machine has. */
uint64_t cgroup_memory_limit(const struct cgroup *cg, const struct cgroup_stats *stats);

/* {"cpu":{...},"cpuset":{...},"memory":{...},"pids":{...},"blkio":{...},"hugetlb":{...}} */
void cgroup_stats_format(const struct cgroup_stats *stats, struct buf *out);
