/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of config.json: one row per member, in the order of the specification. Reading and
 * writing is schema.c's; rules that span several members are validate.c's.
 */
#include "oci/spec.h"

#include "oci/schema.h"

#define FIELD(type, member, json, ...) \
	{ json, __VA_ARGS__, .offset = offsetof(struct type, member) }
#define PLAIN(kind)	SCHEMA_##kind, 0
#define NEEDED(kind)	SCHEMA_##kind, SCHEMA_REQUIRED
#define NONEMPTY(kind)	SCHEMA_##kind, SCHEMA_REQUIRED | SCHEMA_NONEMPTY
#define OF(schema)	.sub = &(schema)

static const char *ns_oci_name(int kind)
{
	return ns_types[kind].oci_name;
}

static const struct schema_field id_mapping_fields[] = {
	FIELD(oci_id_mapping, container_id, "containerID", NEEDED(U32)),
	FIELD(oci_id_mapping, host_id, "hostID", NEEDED(U32)),
	FIELD(oci_id_mapping, size, "size", NEEDED(U32)),
};
static const struct schema id_mapping = SCHEMA(struct oci_id_mapping, id_mapping_fields);

static const struct schema_field root_fields[] = {
	FIELD(oci_root, path, "path", NONEMPTY(STRING)),
	FIELD(oci_root, readonly, "readonly", PLAIN(BOOL)),
};
static const struct schema root = SCHEMA(struct oci_root, root_fields);

static const struct schema_field mount_fields[] = {
	FIELD(oci_mount, destination, "destination", NONEMPTY(STRING)),
	FIELD(oci_mount, type, "type", PLAIN(STRING)),
	FIELD(oci_mount, source, "source", PLAIN(STRING)),
	FIELD(oci_mount, options, "options", PLAIN(STRINGS)),
	FIELD(oci_mount, uid_mappings, "uidMappings", PLAIN(LIST), OF(id_mapping)),
	FIELD(oci_mount, gid_mappings, "gidMappings", PLAIN(LIST), OF(id_mapping)),
};
static const struct schema mount_ = SCHEMA(struct oci_mount, mount_fields);

/* process ---------------------------------------------------------------------------------- */

static const struct schema_field console_size_fields[] = {
	FIELD(oci_console_size, height, "height", NEEDED(U32)),
	FIELD(oci_console_size, width, "width", NEEDED(U32)),
};
static const struct schema console_size = SCHEMA(struct oci_console_size, console_size_fields);

static const struct schema_field user_fields[] = {
	FIELD(oci_user, uid, "uid", NEEDED(ID)),
	FIELD(oci_user, gid, "gid", NEEDED(ID)),
	FIELD(oci_user, umask, "umask", PLAIN(OPT_U32)),
	FIELD(oci_user, additional_gids, "additionalGids", PLAIN(IDS)),
};
static const struct schema user = SCHEMA(struct oci_user, user_fields);

static const struct schema_field capabilities_fields[] = {
	FIELD(oci_capabilities, bounding, "bounding", PLAIN(STRINGS)),
	FIELD(oci_capabilities, effective, "effective", PLAIN(STRINGS)),
	FIELD(oci_capabilities, inheritable, "inheritable", PLAIN(STRINGS)),
	FIELD(oci_capabilities, permitted, "permitted", PLAIN(STRINGS)),
	FIELD(oci_capabilities, ambient, "ambient", PLAIN(STRINGS)),
};
static const struct schema capabilities = SCHEMA(struct oci_capabilities, capabilities_fields);

static const struct schema_field rlimit_fields[] = {
	FIELD(oci_rlimit, type, "type", NONEMPTY(STRING)),
	FIELD(oci_rlimit, soft, "soft", NEEDED(U64)),
	FIELD(oci_rlimit, hard, "hard", NEEDED(U64)),
};
static const struct schema rlimit = SCHEMA(struct oci_rlimit, rlimit_fields);

static const struct schema_field scheduler_fields[] = {
	FIELD(oci_scheduler, policy, "policy", NONEMPTY(STRING)),
	FIELD(oci_scheduler, nice, "nice", PLAIN(I32)),
	FIELD(oci_scheduler, priority, "priority", PLAIN(I32)),
	FIELD(oci_scheduler, flags, "flags", PLAIN(STRINGS)),
	FIELD(oci_scheduler, runtime_ns, "runtime", PLAIN(U64)),
	FIELD(oci_scheduler, deadline_ns, "deadline", PLAIN(U64)),
	FIELD(oci_scheduler, period_ns, "period", PLAIN(U64)),
};
static const struct schema scheduler = SCHEMA(struct oci_scheduler, scheduler_fields);

static const struct schema_field io_priority_fields[] = {
	FIELD(oci_io_priority, class_name, "class", NONEMPTY(STRING)),
	FIELD(oci_io_priority, priority, "priority", PLAIN(I32)),
};
static const struct schema io_priority = SCHEMA(struct oci_io_priority, io_priority_fields);

static const struct schema_field cpu_affinity_fields[] = {
	FIELD(oci_cpu_affinity, initial, "initial", PLAIN(STRING)),
	FIELD(oci_cpu_affinity, final, "final", PLAIN(STRING)),
};
static const struct schema cpu_affinity = SCHEMA(struct oci_cpu_affinity, cpu_affinity_fields);

static const struct schema_field process_fields[] = {
	FIELD(oci_process, terminal, "terminal", PLAIN(BOOL)),
	FIELD(oci_process, console_size, "consoleSize", PLAIN(OBJECT), OF(console_size)),
	FIELD(oci_process, user, "user", PLAIN(EMBEDDED), OF(user)),
	FIELD(oci_process, args, "args", NONEMPTY(STRINGS)),
	FIELD(oci_process, env, "env", PLAIN(STRINGS)),
	FIELD(oci_process, cwd, "cwd", NONEMPTY(STRING)),
	FIELD(oci_process, capabilities, "capabilities", PLAIN(OBJECT), OF(capabilities)),
	FIELD(oci_process, rlimits, "rlimits", PLAIN(LIST), OF(rlimit)),
	FIELD(oci_process, no_new_privileges, "noNewPrivileges", PLAIN(BOOL)),
	FIELD(oci_process, apparmor_profile, "apparmorProfile", PLAIN(STRING)),
	FIELD(oci_process, oom_score_adj, "oomScoreAdj", PLAIN(OPT_I64)),
	FIELD(oci_process, scheduler, "scheduler", PLAIN(OBJECT), OF(scheduler)),
	FIELD(oci_process, selinux_label, "selinuxLabel", PLAIN(STRING)),
	FIELD(oci_process, io_priority, "ioPriority", PLAIN(OBJECT), OF(io_priority)),
	FIELD(oci_process, exec_cpu_affinity, "execCPUAffinity", PLAIN(OBJECT), OF(cpu_affinity)),
};
static const struct schema process = SCHEMA(struct oci_process, process_fields);

/* hooks ------------------------------------------------------------------------------------ */

static const struct schema_field hook_fields[] = {
	FIELD(oci_hook, path, "path", NONEMPTY(STRING)),
	FIELD(oci_hook, args, "args", PLAIN(STRINGS)),
	FIELD(oci_hook, env, "env", PLAIN(STRINGS)),
	FIELD(oci_hook, timeout_s, "timeout", PLAIN(OPT_I64)),
};
static const struct schema hook = SCHEMA(struct oci_hook, hook_fields);

static const struct schema_field hooks_fields[] = {
	FIELD(oci_hooks, prestart, "prestart", PLAIN(LIST), OF(hook)),
	FIELD(oci_hooks, create_runtime, "createRuntime", PLAIN(LIST), OF(hook)),
	FIELD(oci_hooks, create_container, "createContainer", PLAIN(LIST), OF(hook)),
	FIELD(oci_hooks, start_container, "startContainer", PLAIN(LIST), OF(hook)),
	FIELD(oci_hooks, poststart, "poststart", PLAIN(LIST), OF(hook)),
	FIELD(oci_hooks, poststop, "poststop", PLAIN(LIST), OF(hook)),
};
static const struct schema hooks = SCHEMA(struct oci_hooks, hooks_fields);

/* linux ------------------------------------------------------------------------------------ */

static const struct schema_field namespace_fields[] = {
	{ "type", SCHEMA_NAME, SCHEMA_REQUIRED, offsetof(struct oci_namespace, kind),
	  .name_index = ns_kind_parse, .index_name = ns_oci_name },
	FIELD(oci_namespace, path, "path", PLAIN(STRING)),
};
static const struct schema namespace_ = SCHEMA(struct oci_namespace, namespace_fields);

static const struct schema_field device_fields[] = {
	FIELD(oci_device, path, "path", NONEMPTY(STRING)),
	FIELD(oci_device, type, "type", NONEMPTY(STRING)),
	FIELD(oci_device, major, "major", PLAIN(I64)),
	FIELD(oci_device, minor, "minor", PLAIN(I64)),
	FIELD(oci_device, file_mode, "fileMode", PLAIN(OPT_U32)),
	FIELD(oci_device, uid, "uid", PLAIN(OPT_ID)),
	FIELD(oci_device, gid, "gid", PLAIN(OPT_ID)),
};
static const struct schema device = SCHEMA(struct oci_device, device_fields);

static const struct schema_field net_device_fields[] = {
	FIELD(oci_net_device, name, "name", PLAIN(STRING)),
};
static const struct schema net_device = SCHEMA(struct oci_net_device, net_device_fields);

static const struct schema_field device_rule_fields[] = {
	FIELD(oci_device_rule, allow, "allow", NEEDED(BOOL)),
	FIELD(oci_device_rule, type, "type", PLAIN(STRING)),
	FIELD(oci_device_rule, major, "major", PLAIN(OPT_I64)),
	FIELD(oci_device_rule, minor, "minor", PLAIN(OPT_I64)),
	FIELD(oci_device_rule, access, "access", PLAIN(STRING)),
};
static const struct schema device_rule = SCHEMA(struct oci_device_rule, device_rule_fields);

static const struct schema_field memory_fields[] = {
	FIELD(oci_memory, limit, "limit", PLAIN(OPT_I64)),
	FIELD(oci_memory, reservation, "reservation", PLAIN(OPT_I64)),
	FIELD(oci_memory, swap, "swap", PLAIN(OPT_I64)),
	FIELD(oci_memory, kernel, "kernel", PLAIN(OPT_I64)),
	FIELD(oci_memory, kernel_tcp, "kernelTCP", PLAIN(OPT_I64)),
	FIELD(oci_memory, swappiness, "swappiness", PLAIN(OPT_U64)),
	FIELD(oci_memory, disable_oom_killer, "disableOOMKiller", PLAIN(OPT_BOOL)),
	FIELD(oci_memory, use_hierarchy, "useHierarchy", PLAIN(OPT_BOOL)),
	FIELD(oci_memory, check_before_update, "checkBeforeUpdate", PLAIN(OPT_BOOL)),
};
static const struct schema memory = SCHEMA(struct oci_memory, memory_fields);

static const struct schema_field cpu_fields[] = {
	FIELD(oci_cpu, shares, "shares", PLAIN(OPT_U64)),
	FIELD(oci_cpu, quota, "quota", PLAIN(OPT_I64)),
	FIELD(oci_cpu, burst, "burst", PLAIN(OPT_U64)),
	FIELD(oci_cpu, period, "period", PLAIN(OPT_U64)),
	FIELD(oci_cpu, realtime_runtime, "realtimeRuntime", PLAIN(OPT_I64)),
	FIELD(oci_cpu, realtime_period, "realtimePeriod", PLAIN(OPT_U64)),
	FIELD(oci_cpu, cpus, "cpus", PLAIN(STRING)),
	FIELD(oci_cpu, mems, "mems", PLAIN(STRING)),
	FIELD(oci_cpu, idle, "idle", PLAIN(OPT_I64)),
};
static const struct schema cpu = SCHEMA(struct oci_cpu, cpu_fields);

static const struct schema_field pids_fields[] = {
	FIELD(oci_pids, limit, "limit", PLAIN(OPT_I64)),
};
static const struct schema pids = SCHEMA(struct oci_pids, pids_fields);

static const struct schema_field weight_device_fields[] = {
	FIELD(oci_weight_device, major, "major", NEEDED(I64)),
	FIELD(oci_weight_device, minor, "minor", NEEDED(I64)),
	FIELD(oci_weight_device, weight, "weight", PLAIN(OPT_U16)),
	FIELD(oci_weight_device, leaf_weight, "leafWeight", PLAIN(OPT_U16)),
};
static const struct schema weight_device = SCHEMA(struct oci_weight_device, weight_device_fields);

static const struct schema_field throttle_device_fields[] = {
	FIELD(oci_throttle_device, major, "major", NEEDED(I64)),
	FIELD(oci_throttle_device, minor, "minor", NEEDED(I64)),
	FIELD(oci_throttle_device, rate, "rate", NEEDED(U64)),
};
static const struct schema throttle_device =
	SCHEMA(struct oci_throttle_device, throttle_device_fields);

static const struct schema_field block_io_fields[] = {
	FIELD(oci_block_io, weight, "weight", PLAIN(OPT_U16)),
	FIELD(oci_block_io, leaf_weight, "leafWeight", PLAIN(OPT_U16)),
	FIELD(oci_block_io, weight_device, "weightDevice", PLAIN(LIST), OF(weight_device)),
	FIELD(oci_block_io, throttle_read_bps, "throttleReadBpsDevice", PLAIN(LIST),
	      OF(throttle_device)),
	FIELD(oci_block_io, throttle_write_bps, "throttleWriteBpsDevice", PLAIN(LIST),
	      OF(throttle_device)),
	FIELD(oci_block_io, throttle_read_iops, "throttleReadIOPSDevice", PLAIN(LIST),
	      OF(throttle_device)),
	FIELD(oci_block_io, throttle_write_iops, "throttleWriteIOPSDevice", PLAIN(LIST),
	      OF(throttle_device)),
};
static const struct schema block_io = SCHEMA(struct oci_block_io, block_io_fields);

static const struct schema_field hugepage_limit_fields[] = {
	FIELD(oci_hugepage_limit, page_size, "pageSize", NONEMPTY(STRING)),
	FIELD(oci_hugepage_limit, limit, "limit", NEEDED(U64)),
};
static const struct schema hugepage_limit =
	SCHEMA(struct oci_hugepage_limit, hugepage_limit_fields);

static const struct schema_field interface_priority_fields[] = {
	FIELD(oci_interface_priority, name, "name", NONEMPTY(STRING)),
	FIELD(oci_interface_priority, priority, "priority", NEEDED(U32)),
};
static const struct schema interface_priority =
	SCHEMA(struct oci_interface_priority, interface_priority_fields);

static const struct schema_field network_fields[] = {
	FIELD(oci_network, class_id, "classID", PLAIN(OPT_U32)),
	FIELD(oci_network, priorities, "priorities", PLAIN(LIST), OF(interface_priority)),
};
static const struct schema network = SCHEMA(struct oci_network, network_fields);

static const struct schema_field rdma_fields[] = {
	FIELD(oci_rdma, hca_handles, "hcaHandles", PLAIN(OPT_U32)),
	FIELD(oci_rdma, hca_objects, "hcaObjects", PLAIN(OPT_U32)),
};
static const struct schema rdma = SCHEMA(struct oci_rdma, rdma_fields);

static const struct schema_field resources_fields[] = {
	FIELD(oci_resources, devices, "devices", PLAIN(LIST), OF(device_rule)),
	FIELD(oci_resources, memory, "memory", PLAIN(OBJECT), OF(memory)),
	FIELD(oci_resources, cpu, "cpu", PLAIN(OBJECT), OF(cpu)),
	FIELD(oci_resources, pids, "pids", PLAIN(OBJECT), OF(pids)),
	FIELD(oci_resources, block_io, "blockIO", PLAIN(OBJECT), OF(block_io)),
	FIELD(oci_resources, hugepage_limits, "hugepageLimits", PLAIN(LIST), OF(hugepage_limit)),
	FIELD(oci_resources, network, "network", PLAIN(OBJECT), OF(network)),
	FIELD(oci_resources, rdma, "rdma", PLAIN(MAP), OF(rdma)),
	FIELD(oci_resources, unified, "unified", PLAIN(PAIRS)),
};
const struct schema oci_resources_schema = SCHEMA(struct oci_resources, resources_fields);

static const struct schema_field seccomp_arg_fields[] = {
	FIELD(oci_seccomp_arg, index, "index", NEEDED(U32)),
	FIELD(oci_seccomp_arg, value, "value", NEEDED(U64)),
	FIELD(oci_seccomp_arg, value_two, "valueTwo", PLAIN(U64)),
	FIELD(oci_seccomp_arg, op, "op", NONEMPTY(STRING)),
};
const struct schema oci_seccomp_arg_schema = SCHEMA(struct oci_seccomp_arg, seccomp_arg_fields);

static const struct schema_field seccomp_rule_fields[] = {
	FIELD(oci_seccomp_rule, names, "names", NONEMPTY(STRINGS)),
	FIELD(oci_seccomp_rule, action, "action", NONEMPTY(STRING)),
	FIELD(oci_seccomp_rule, errno_ret, "errnoRet", PLAIN(OPT_U32)),
	FIELD(oci_seccomp_rule, args, "args", PLAIN(LIST), OF(oci_seccomp_arg_schema)),
};
static const struct schema seccomp_rule = SCHEMA(struct oci_seccomp_rule, seccomp_rule_fields);

static const struct schema_field seccomp_fields[] = {
	FIELD(oci_seccomp, default_action, "defaultAction", NONEMPTY(STRING)),
	FIELD(oci_seccomp, default_errno_ret, "defaultErrnoRet", PLAIN(OPT_U32)),
	FIELD(oci_seccomp, architectures, "architectures", PLAIN(STRINGS)),
	FIELD(oci_seccomp, flags, "flags", PLAIN(STRINGS)),
	FIELD(oci_seccomp, listener_path, "listenerPath", PLAIN(STRING)),
	FIELD(oci_seccomp, listener_metadata, "listenerMetadata", PLAIN(STRING)),
	FIELD(oci_seccomp, syscalls, "syscalls", PLAIN(LIST), OF(seccomp_rule)),
};
static const struct schema seccomp = SCHEMA(struct oci_seccomp, seccomp_fields);

static const struct schema_field intel_rdt_fields[] = {
	FIELD(oci_intel_rdt, clos_id, "closID", PLAIN(STRING)),
	FIELD(oci_intel_rdt, l3_cache_schema, "l3CacheSchema", PLAIN(STRING)),
	FIELD(oci_intel_rdt, mem_bw_schema, "memBwSchema", PLAIN(STRING)),
	FIELD(oci_intel_rdt, schemata, "schemata", PLAIN(STRINGS)),
	FIELD(oci_intel_rdt, enable_monitoring, "enableMonitoring", PLAIN(OPT_BOOL)),
};
static const struct schema intel_rdt = SCHEMA(struct oci_intel_rdt, intel_rdt_fields);

static const struct schema_field memory_policy_fields[] = {
	FIELD(oci_memory_policy, mode, "mode", NONEMPTY(STRING)),
	FIELD(oci_memory_policy, nodes, "nodes", PLAIN(STRING)),
	FIELD(oci_memory_policy, flags, "flags", PLAIN(STRINGS)),
};
static const struct schema memory_policy = SCHEMA(struct oci_memory_policy, memory_policy_fields);

static const struct schema_field personality_fields[] = {
	FIELD(oci_personality, domain, "domain", NONEMPTY(STRING)),
	FIELD(oci_personality, flags, "flags", PLAIN(STRINGS)),
};
static const struct schema personality_ = SCHEMA(struct oci_personality, personality_fields);

static const struct schema_field time_offset_fields[] = {
	FIELD(oci_time_offset, secs, "secs", PLAIN(I64)),
	FIELD(oci_time_offset, nanosecs, "nanosecs", PLAIN(U32)),
};
static const struct schema time_offset = SCHEMA(struct oci_time_offset, time_offset_fields);

static const struct schema_field time_offsets_fields[] = {
	FIELD(oci_time_offsets, boottime, "boottime", PLAIN(OBJECT), OF(time_offset)),
	FIELD(oci_time_offsets, monotonic, "monotonic", PLAIN(OBJECT), OF(time_offset)),
};
static const struct schema time_offsets = SCHEMA(struct oci_time_offsets, time_offsets_fields);

static const struct schema_field linux_fields[] = {
	FIELD(oci_linux, uid_mappings, "uidMappings", PLAIN(LIST), OF(id_mapping)),
	FIELD(oci_linux, gid_mappings, "gidMappings", PLAIN(LIST), OF(id_mapping)),
	FIELD(oci_linux, sysctl, "sysctl", PLAIN(PAIRS)),
	FIELD(oci_linux, resources, "resources", PLAIN(OBJECT), OF(oci_resources_schema)),
	FIELD(oci_linux, cgroups_path, "cgroupsPath", PLAIN(STRING)),
	FIELD(oci_linux, namespaces, "namespaces", PLAIN(LIST), OF(namespace_)),
	FIELD(oci_linux, devices, "devices", PLAIN(LIST), OF(device)),
	FIELD(oci_linux, net_devices, "netDevices", PLAIN(MAP), OF(net_device)),
	FIELD(oci_linux, seccomp, "seccomp", PLAIN(OBJECT), OF(seccomp)),
	FIELD(oci_linux, rootfs_propagation, "rootfsPropagation", PLAIN(STRING)),
	FIELD(oci_linux, masked_paths, "maskedPaths", PLAIN(STRINGS)),
	FIELD(oci_linux, readonly_paths, "readonlyPaths", PLAIN(STRINGS)),
	FIELD(oci_linux, mount_label, "mountLabel", PLAIN(STRING)),
	FIELD(oci_linux, intel_rdt, "intelRdt", PLAIN(OBJECT), OF(intel_rdt)),
	FIELD(oci_linux, memory_policy, "memoryPolicy", PLAIN(OBJECT), OF(memory_policy)),
	FIELD(oci_linux, personality, "personality", PLAIN(OBJECT), OF(personality_)),
	FIELD(oci_linux, time_offsets, "timeOffsets", PLAIN(OBJECT), OF(time_offsets)),
};
static const struct schema linux_schema = SCHEMA(struct oci_linux, linux_fields);

static const struct schema_field spec_fields[] = {
	FIELD(oci_spec, oci_version, "ociVersion", NONEMPTY(STRING)),
	FIELD(oci_spec, root, "root", NEEDED(OBJECT), OF(root)),
	FIELD(oci_spec, mounts, "mounts", PLAIN(LIST), OF(mount_)),
	FIELD(oci_spec, process, "process", NEEDED(OBJECT), OF(process)),
	FIELD(oci_spec, hostname, "hostname", PLAIN(STRING)),
	FIELD(oci_spec, domainname, "domainname", PLAIN(STRING)),
	FIELD(oci_spec, hooks, "hooks", PLAIN(OBJECT), OF(hooks)),
	FIELD(oci_spec, annotations, "annotations", PLAIN(PAIRS)),
	FIELD(oci_spec, linux_, "linux", NEEDED(OBJECT), OF(linux_schema)),
};
static const struct schema spec = SCHEMA(struct oci_spec, spec_fields);

int oci_spec_parse(const char *json, size_t len, struct arena *arena, struct oci_spec **ret_spec,
		   struct err *err)
{
	return schema_parse(&spec, json, len, arena, (void **)ret_spec, err);
}

void oci_spec_format(const struct oci_spec *object, struct buf *out)
{
	schema_format(&spec, object, out);
}

static const struct schema_field mounts_only_fields[] = {
	FIELD(oci_spec, mounts, "mounts", NONEMPTY(LIST), OF(mount_)),
};
static const struct schema mounts_only = SCHEMA(struct oci_spec, mounts_only_fields);

int oci_mounts_parse(const char *json, size_t len, struct arena *arena, struct oci_spec **ret_spec,
		     struct err *err)
{
	return schema_parse(&mounts_only, json, len, arena, (void **)ret_spec, err);
}

int oci_process_parse(const char *json, size_t len, struct arena *arena,
		      struct oci_process **ret_process, struct err *err)
{
	return schema_parse(&process, json, len, arena, (void **)ret_process, err);
}

int oci_resources_parse(const char *json, size_t len, struct arena *arena,
			struct oci_resources **ret_resources, struct err *err)
{
	return schema_parse(&oci_resources_schema, json, len, arena, (void **)ret_resources, err);
}

const struct oci_namespace *oci_spec_find_ns(const struct oci_spec *object, enum ns_kind kind)
{
	for (size_t i = 0; i < object->linux_->namespaces.n; i++)
		if (object->linux_->namespaces.v[i].kind == (int)kind)
			return &object->linux_->namespaces.v[i];
	return NULL;
}
