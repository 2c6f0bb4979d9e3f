/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * config.json of the OCI runtime specification 1.3, its parts for Linux, as C structs. The names
 * are the specification's, so look there for what a member means. oci/spec.c holds the tables that
 * read and write it; who wants a container without JSON (the engine) fills the structs itself.
 *
 * A pointer to an object is NULL where the object is absent; so is a string. Numbers whose absence
 * matters are oci_i64, oci_u64 or oci_bool.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "oci/types.h"
#include "sys/ns.h"

struct oci_id_mapping {
	uint32_t container_id, host_id, size;
};

struct oci_id_mappings {
	struct oci_id_mapping *v;
	size_t n;
};

struct oci_root {
	char *path;
	bool readonly;
};

struct oci_mount {
	char *destination, *source, *type;
	struct oci_strings options;
	struct oci_id_mappings uid_mappings, gid_mappings;
};

struct oci_user {
	uint32_t uid, gid;
	struct oci_u64 umask;
	OCI_LIST(uint32_t) additional_gids;
};

struct oci_console_size {
	uint32_t height, width;
};

/* Names as in capabilities(7); the set of those that this kernel knows is made in rt/process. */
struct oci_capabilities {
	struct oci_strings bounding, effective, inheritable, permitted, ambient;
};

struct oci_rlimit {
	char *type; /* "RLIMIT_NOFILE" */
	uint64_t soft, hard;
};

struct oci_scheduler {
	char *policy; /* "SCHED_OTHER" */
	int32_t nice, priority;
	struct oci_strings flags;
	uint64_t runtime_ns, deadline_ns, period_ns;
};

struct oci_io_priority {
	char *class_name; /* "IOPRIO_CLASS_BE" */
	int32_t priority;
};

struct oci_cpu_affinity {
	char *initial, *final; /* CPU lists: "0-3,7" */
};

struct oci_process {
	bool terminal, no_new_privileges;
	struct oci_console_size *console_size;
	struct oci_user user;
	struct oci_strings args, env;
	char *cwd;
	struct oci_capabilities *capabilities;
	OCI_LIST(struct oci_rlimit) rlimits;
	char *apparmor_profile, *selinux_label;
	struct oci_i64 oom_score_adj;
	struct oci_scheduler *scheduler;
	struct oci_io_priority *io_priority;
	struct oci_cpu_affinity *exec_cpu_affinity;
};

struct oci_hook {
	char *path;
	struct oci_strings args, env;
	struct oci_i64 timeout_s;
};

struct oci_hook_list {
	struct oci_hook *v;
	size_t n;
};

struct oci_hooks {
	struct oci_hook_list prestart, create_runtime, create_container, start_container, poststart,
		poststop;
};

struct oci_namespace {
	int kind;   /* enum ns_kind */
	char *path; /* NULL: a new one */
};

struct oci_device {
	char *path, *type; /* type: "c", "u", "b" or "p" */
	int64_t major, minor;
	struct oci_u64 file_mode;
	struct oci_u64 uid, gid;
};

struct oci_net_device {
	char *host_name; /* the key of the map */
	char *name;      /* inside; NULL: the same */
};

/* linux.resources -------------------------------------------------------------------------- */

struct oci_device_rule {
	bool allow;
	char *type;                  /* "a", "b", "c"; NULL: "a" */
	struct oci_i64 major, minor; /* unset or -1: all */
	char *access;                /* of "rwm"; NULL: all */
};

struct oci_memory {
	struct oci_i64 limit, reservation, swap, kernel, kernel_tcp;
	struct oci_u64 swappiness;
	struct oci_bool disable_oom_killer, use_hierarchy, check_before_update;
};

struct oci_cpu {
	struct oci_u64 shares, period, burst, realtime_period;
	struct oci_i64 quota, realtime_runtime, idle;
	char *cpus, *mems;
};

struct oci_pids {
	struct oci_i64 limit;
};

struct oci_weight_device {
	int64_t major, minor;
	struct oci_u64 weight, leaf_weight;
};

struct oci_throttle_device {
	int64_t major, minor;
	uint64_t rate;
};

struct oci_throttle_devices {
	struct oci_throttle_device *v;
	size_t n;
};

struct oci_block_io {
	struct oci_u64 weight, leaf_weight;
	OCI_LIST(struct oci_weight_device) weight_device;
	struct oci_throttle_devices throttle_read_bps, throttle_write_bps, throttle_read_iops,
		throttle_write_iops;
};

struct oci_hugepage_limit {
	char *page_size; /* "2MB" */
	uint64_t limit;
};

struct oci_interface_priority {
	char *name;
	uint32_t priority;
};

struct oci_network {
	struct oci_u64 class_id;
	OCI_LIST(struct oci_interface_priority) priorities;
};

struct oci_rdma {
	char *device; /* the key of the map */
	struct oci_u64 hca_handles, hca_objects;
};

struct oci_resources {
	OCI_LIST(struct oci_device_rule) devices;
	struct oci_memory *memory;
	struct oci_cpu *cpu;
	struct oci_pids *pids;
	struct oci_block_io *block_io;
	OCI_LIST(struct oci_hugepage_limit) hugepage_limits;
	struct oci_network *network;
	OCI_LIST(struct oci_rdma) rdma;
	struct oci_pairs unified;
};

/* linux.seccomp ---------------------------------------------------------------------------- */

struct oci_seccomp_arg {
	uint32_t index;
	uint64_t value, value_two;
	char *op; /* "SCMP_CMP_EQ" */
};

struct oci_seccomp_rule {
	struct oci_strings names;
	char *action; /* "SCMP_ACT_ALLOW" */
	struct oci_u64 errno_ret;
	OCI_LIST(struct oci_seccomp_arg) args;
};

struct oci_seccomp {
	char *default_action;
	struct oci_u64 default_errno_ret;
	struct oci_strings architectures, flags;
	char *listener_path, *listener_metadata;
	OCI_LIST(struct oci_seccomp_rule) syscalls;
};

/* ------------------------------------------------------------------------------------------ */

struct oci_intel_rdt {
	char *clos_id, *l3_cache_schema, *mem_bw_schema;
	struct oci_strings schemata;
	struct oci_bool enable_monitoring;
};

struct oci_memory_policy {
	char *mode, *nodes;
	struct oci_strings flags;
};

struct oci_personality {
	char *domain;
	struct oci_strings flags;
};

struct oci_time_offset {
	int64_t secs;
	uint32_t nanosecs;
};

struct oci_time_offsets {
	struct oci_time_offset *boottime, *monotonic;
};

struct oci_linux {
	struct oci_id_mappings uid_mappings, gid_mappings;
	struct oci_pairs sysctl;
	struct oci_resources *resources;
	char *cgroups_path;
	OCI_LIST(struct oci_namespace) namespaces;
	OCI_LIST(struct oci_device) devices;
	OCI_LIST(struct oci_net_device) net_devices;
	struct oci_seccomp *seccomp;
	char *rootfs_propagation, *mount_label;
	struct oci_strings masked_paths, readonly_paths;
	struct oci_intel_rdt *intel_rdt;
	struct oci_memory_policy *memory_policy;
	struct oci_personality *personality;
	struct oci_time_offsets *time_offsets;
};

struct oci_spec {
	char *oci_version;
	struct oci_root *root;
	OCI_LIST(struct oci_mount) mounts;
	struct oci_process *process;
	char *hostname, *domainname;
	struct oci_hooks *hooks;
	struct oci_pairs annotations;
	struct oci_linux *linux_;
};

/*
 * Parse config.json. The result and all it points to live in `arena`. Types, required members,
 * enumerations and ranges are checked here, member by member, and an error names the member
 * ("process.user.uid: 4294967296 is out of range"); what needs the machine is checked in rt.
 */
int oci_spec_parse(const char *json, size_t len, struct arena *arena, struct oci_spec **ret_spec,
		   struct err *err);

/* Write it back, without what is absent. */
void oci_spec_format(const struct oci_spec *spec, struct buf *out);

/* A document of which only `mounts` is read: what mounts are added to a running container from. */
int oci_mounts_parse(const char *json, size_t len, struct arena *arena, struct oci_spec **ret_spec,
		     struct err *err);

/* What the specification demands of the whole: rules that span several members. A sysctl must
 * belong to a namespace that the container has of its own. */
int oci_spec_validate(const struct oci_spec *spec, struct err *err);
int oci_sysctl_check(const struct oci_spec *spec, const char *name, struct err *err);
int oci_mounts_validate(const struct oci_spec *spec, struct err *err); /* of `mounts` alone */

/* The namespace entry of `kind`, or NULL when the container shares the runtime's. */
const struct oci_namespace *oci_spec_find_ns(const struct oci_spec *spec, enum ns_kind kind);

/* For `exec --process` and `update --resources`. */
int oci_process_parse(const char *json, size_t len, struct arena *arena,
		      struct oci_process **ret_process, struct err *err);
int oci_resources_parse(const char *json, size_t len, struct arena *arena,
			struct oci_resources **ret_resources, struct err *err);

/* For other documents that carry them. */
extern const struct schema oci_resources_schema, oci_seccomp_arg_schema;
