/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container.json: what was asked of a container, as the tables of oci/schema.h read and write it.
 */
#include "engine/config.h"

#include "oci/schema.h"

#include <string.h>

#define MOUNT(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct config_mount, member), __VA_ARGS__ }

static const struct schema_field mount_fields[] = {
	MOUNT(type, "type", STRING, .flags = SCHEMA_REQUIRED),
	MOUNT(source, "source", STRING),
	MOUNT(target, "target", STRING, .flags = SCHEMA_REQUIRED),
	MOUNT(options, "options", STRINGS),
	MOUNT(make_source, "makeSource", BOOL),
	MOUNT(is_given, "given", BOOL),
	MOUNT(is_taken, "taken", BOOL),
	MOUNT(subpath, "subpath", STRING),
	MOUNT(image_id, "imageID", STRING),
	MOUNT(layers, "layers", STRINGS),
};
static const struct schema mount_schema = SCHEMA(struct config_mount, mount_fields);

#define ULIMIT(member, json, kind) \
	{ json, SCHEMA_##kind, .flags = SCHEMA_REQUIRED, \
	  .offset = offsetof(struct config_ulimit, member) }

static const struct schema_field ulimit_fields[] = {
	ULIMIT(name, "name", STRING),
	ULIMIT(soft, "soft", I64),
	ULIMIT(hard, "hard", I64),
};
static const struct schema ulimit_schema = SCHEMA(struct config_ulimit, ulimit_fields);

#define DEVICE(type, member, json, kind) \
	{ json, SCHEMA_##kind, .flags = SCHEMA_REQUIRED, .offset = offsetof(struct type, member) }

static const struct schema_field device_fields[] = {
	DEVICE(config_device, source, "source", STRING),
	DEVICE(config_device, target, "target", STRING),
	DEVICE(config_device, access, "access", STRING),
};
static const struct schema device_schema = SCHEMA(struct config_device, device_fields);

static const struct schema_field device_rule_fields[] = {
	DEVICE(config_device_rule, type, "type", STRING),
	DEVICE(config_device_rule, major, "major", I64),
	DEVICE(config_device_rule, minor, "minor", I64),
	DEVICE(config_device_rule, access, "access", STRING),
};
static const struct schema device_rule_schema =
	SCHEMA(struct config_device_rule, device_rule_fields);

static const struct schema_field device_limit_fields[] = {
	DEVICE(config_device_limit, path, "path", STRING),
	DEVICE(config_device_limit, value, "value", I64),
};
static const struct schema device_limit_schema =
	SCHEMA(struct config_device_limit, device_limit_fields);

#define NETWORK(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct config_network, member), __VA_ARGS__ }

static const struct schema_field network_fields[] = {
	NETWORK(name, "name", STRING, .flags = SCHEMA_REQUIRED),
	NETWORK(aliases, "aliases", STRINGS),
	NETWORK(ip, "ip", STRING),
	NETWORK(ip6, "ip6", STRING),
	NETWORK(mac, "mac", STRING),
	NETWORK(interface_name, "interfaceName", STRING),
	NETWORK(host_interface_name, "hostInterfaceName", STRING),
};
static const struct schema network_schema = SCHEMA(struct config_network, network_fields);

#define FIELD(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct config, member), __VA_ARGS__ }

static const struct schema_field config_fields[] = {
	FIELD(id, "id", STRING, .flags = SCHEMA_REQUIRED),
	FIELD(name, "name", STRING, .flags = SCHEMA_REQUIRED),
	FIELD(created, "created", STRING, .flags = SCHEMA_REQUIRED),
	FIELD(image, "image", STRING),
	FIELD(image_id, "imageID", STRING),
	FIELD(layers, "layers", STRINGS),
	FIELD(rootfs, "rootfs", STRING),
	FIELD(entrypoint, "entrypoint", STRINGS),
	FIELD(command, "command", STRINGS),
	FIELD(env, "env", STRINGS),
	FIELD(user, "user", STRING),
	FIELD(workdir, "workdir", STRING),
	FIELD(hostname, "hostname", STRING),
	FIELD(domainname, "domainname", STRING),
	FIELD(groups, "groups", STRINGS),
	FIELD(unset_env, "unsetEnv", STRINGS),
	FIELD(unset_all_env, "unsetAllEnv", BOOL),
	FIELD(umask, "umask", OPT_U64),
	FIELD(tty, "tty", BOOL),
	FIELD(open_stdin, "openStdin", BOOL),
	FIELD(attach_stdin, "attachStdin", BOOL),
	FIELD(attach_stdout, "attachStdout", BOOL),
	FIELD(attach_stderr, "attachStderr", BOOL),
	FIELD(stdin_once, "stdinOnce", BOOL),
	FIELD(init, "init", BOOL),
	FIELD(ulimits, "ulimits", LIST, .sub = &ulimit_schema),
	FIELD(mounts, "mounts", LIST, .sub = &mount_schema),
	FIELD(volumes_from, "volumesFrom", STRINGS),
	FIELD(volumes, "volumes", STRINGS),
	FIELD(read_only, "readOnly", BOOL),
	FIELD(network, "network", STRING),
	FIELD(pid, "pid", STRING),
	FIELD(ipc, "ipc", STRING),
	FIELD(uts, "uts", STRING),
	FIELD(cgroupns, "cgroupns", STRING),
	FIELD(userns, "userns", STRING),
	FIELD(networks, "networks", LIST, .sub = &network_schema),
	FIELD(publish, "publish", STRINGS),
	FIELD(expose, "expose", STRINGS),
	FIELD(publish_all, "publishAll", BOOL),
	FIELD(dns, "dns", STRINGS),
	FIELD(dns_search, "dnsSearch", STRINGS),
	FIELD(dns_options, "dnsOptions", STRINGS),
	FIELD(add_hosts, "addHosts", STRINGS),
	FIELD(no_hosts, "noHosts", BOOL),
	FIELD(ids_size, "idsSize", U32),
	FIELD(ids_start, "idsStart", U32),
	FIELD(ids_of, "idsOf", STRING),
	FIELD(cap_add, "capAdd", STRINGS),
	FIELD(cap_drop, "capDrop", STRINGS),
	FIELD(privileged, "privileged", BOOL),
	FIELD(no_new_privileges, "noNewPrivileges", OPT_BOOL),
	FIELD(apparmor_profile, "apparmorProfile", STRING),
	FIELD(selinux_label, "selinuxLabel", STRING),
	FIELD(seccomp_profile, "seccompProfile", STRING),
	FIELD(mask, "mask", STRINGS),
	FIELD(unmask, "unmask", STRINGS),
	FIELD(sysctls, "sysctls", PAIRS),
	FIELD(devices, "devices", LIST, .sub = &device_schema),
	FIELD(device_rules, "deviceRules", LIST, .sub = &device_rule_schema),
	FIELD(memory_bytes, "memoryBytes", I64),
	FIELD(memory_reservation_bytes, "memoryReservationBytes", I64),
	FIELD(memory_swap_bytes, "memorySwapBytes", I64),
	FIELD(memory_swappiness, "memorySwappiness", OPT_I64),
	FIELD(oom_kill_disable, "oomKillDisable", BOOL),
	FIELD(nano_cpus, "nanoCpus", I64),
	FIELD(cpu_shares, "cpuShares", I64),
	FIELD(cpu_period_us, "cpuPeriodUs", I64),
	FIELD(cpu_quota_us, "cpuQuotaUs", I64),
	FIELD(cpuset_cpus, "cpusetCpus", STRING),
	FIELD(cpuset_mems, "cpusetMems", STRING),
	FIELD(pids_limit, "pidsLimit", OPT_I64),
	FIELD(ignore_missing_limits, "ignoreMissingLimits", BOOL),
	FIELD(blkio_weight, "blkioWeight", I64),
	FIELD(weight_devices, "blkioWeightDevices", LIST, .sub = &device_limit_schema),
	FIELD(read_bps, "deviceReadBps", LIST, .sub = &device_limit_schema),
	FIELD(write_bps, "deviceWriteBps", LIST, .sub = &device_limit_schema),
	FIELD(read_iops, "deviceReadIops", LIST, .sub = &device_limit_schema),
	FIELD(write_iops, "deviceWriteIops", LIST, .sub = &device_limit_schema),
	FIELD(oom_score_adj, "oomScoreAdj", I64),
	FIELD(shm_size_bytes, "shmSizeBytes", I64),
	FIELD(log_driver, "logDriver", STRING),
	FIELD(log_max_size_bytes, "logMaxSizeBytes", I64),
	FIELD(log_max_files, "logMaxFiles", I64),
	FIELD(log_labels, "logLabels", STRINGS),
	FIELD(log_env, "logEnv", STRINGS),
	FIELD(cgroup_parent, "cgroupParent", STRING),
	FIELD(auto_remove, "autoRemove", BOOL),
	FIELD(timeout_s, "timeoutS", I64),
	FIELD(stop_signal, "stopSignal", STRING),
	FIELD(stop_timeout, "stopTimeout", OPT_I64),
	FIELD(labels, "labels", PAIRS),
	FIELD(annotations, "annotations", PAIRS),
};
static const struct schema config_schema = SCHEMA(struct config, config_fields);

bool config_is_host(const char *word)
{
	return word && strcmp(word, "host") == 0;
}

bool config_has_log(const struct config *config)
{
	return !config->log_driver || strcmp(config->log_driver, "none") != 0;
}

bool config_mount_is_image(const struct config_mount *mount)
{
	return strcmp(mount->type, "image") == 0;
}

static bool is_id(const char *id, const char *wanted)
{
	return id && strcmp(id, wanted) == 0;
}

bool config_is_of(const struct config *config, const char *image_id)
{
	return is_id(config->image_id, image_id);
}

bool config_shows(const struct config *config, const char *image_id)
{
	for (size_t i = 0; i < config->mounts.n; i++)
		if (is_id(config->mounts.v[i].image_id, image_id))
			return true;
	return false;
}

int config_parse(const char *json, size_t len, struct arena *arena, struct config **ret_config,
		 struct err *err)
{
	return schema_parse(&config_schema, json, len, arena, (void **)ret_config, err);
}

void config_format(const struct config *config, struct buf *out)
{
	schema_format(&config_schema, config, out);
}
