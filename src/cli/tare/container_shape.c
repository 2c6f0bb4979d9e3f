/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker's shape of a container: its members, in its order.
 */
#include "cli/tare/container_inspect.h"

#define OF(member, json, what)      SHAPE(container_inspect, member, json, what)
#define NULLED(member, json, what)  SHAPE_NULL(container_inspect, member, json, what)
#define MAYBE(member, json, what)   SHAPE_MAYBE(container_inspect, member, json, what)
#define LIST(member, json, schema)  SHAPE_OF(container_inspect, member, json, LIST, schema)
#define EMPTY(json, what)           OF(none, json, what)
#define NOTHING(json, what)         NULLED(none, json, what)
#define HIDDEN(json, what)          MAYBE(none, json, what)

/* ------------------------------------------------------------------------------- State */

static const struct schema_field state_fields[] = {
	OF(status, "Status", STRING),
	OF(running, "Running", BOOL),
	OF(paused, "Paused", BOOL),
	EMPTY("Restarting", BOOL),
	OF(oom_killed, "OOMKilled", BOOL),
	OF(oom_kills, "OOMKills", U32),
	OF(reason, "Reason", STRING),
	EMPTY("Dead", BOOL),
	OF(host_pid, "Pid", I32),
	OF(exit_code, "ExitCode", I32),
	OF(error, "Error", STRING),
	OF(started, "StartedAt", STRING),
	OF(finished, "FinishedAt", STRING),
	HIDDEN("Health", OBJECT),
};
static const struct schema state_schema = SCHEMA(struct container_inspect, state_fields);

/* ------------------------------------------------------------------------------- HostConfig */

static const struct schema_field log_fields[] = {
	OF(log_type, "Type", STRING),
	OF(log_options, "Config", PAIRS),
};
static const struct schema log_schema = SCHEMA(struct container_inspect, log_fields);

static const struct schema_field restart_fields[] = {
	OF(restart, "Name", STRING),
	EMPTY("MaximumRetryCount", I64),
};
static const struct schema restart_schema = SCHEMA(struct container_inspect, restart_fields);

#define DEVICES(name, json)                                                                     \
	static const struct schema_field name##_fields[] = {                                    \
		SHAPE(config_device_limit, path, "Path", STRING),                               \
		SHAPE(config_device_limit, value, json, I64),                                   \
	};                                                                                      \
	static const struct schema name##_schema = SCHEMA(struct config_device_limit, name##_fields)

DEVICES(weight, "Weight");
DEVICES(rate, "Rate");

static const struct schema_field ulimit_fields[] = {
	SHAPE(config_ulimit, name, "Name", STRING),
	SHAPE(config_ulimit, hard, "Hard", I64),
	SHAPE(config_ulimit, soft, "Soft", I64),
};
static const struct schema ulimit_schema = SCHEMA(struct config_ulimit, ulimit_fields);

static const struct schema_field device_fields[] = {
	SHAPE(config_device, source, "PathOnHost", STRING),
	SHAPE(config_device, target, "PathInContainer", STRING),
	SHAPE(config_device, access, "CgroupPermissions", STRING),
};
static const struct schema device_schema = SCHEMA(struct config_device, device_fields);

static const struct schema_field bind_fields[] = {
	SHAPE(container_inspect_bind, propagation, "Propagation", STRING),
};
static const struct schema bind_schema = SCHEMA(struct container_inspect_bind, bind_fields);

static const struct schema_field asked_fields[] = {
	SHAPE(container_inspect_asked, type, "Type", STRING),
	SHAPE_MAYBE(container_inspect_asked, source, "Source", STRING),
	SHAPE(container_inspect_asked, target, "Target", STRING),
	SHAPE_MAYBE(container_inspect_asked, read_only, "ReadOnly", BOOL),
	SHAPE_ROW(container_inspect_asked, bind, "BindOptions", OBJECT, .sub = &bind_schema),
};
static const struct schema asked_schema = SCHEMA(struct container_inspect_asked, asked_fields);

static const struct schema_field place_fields[] = {
	SHAPE(container_inspect_place, host_ip, "HostIp", STRING),
	SHAPE(container_inspect_place, host_port, "HostPort", STRING),
};
static const struct schema place_schema = SCHEMA(struct container_inspect_place, place_fields);

static const struct schema_field host_fields[] = {
	NULLED(binds, "Binds", STRINGS),
	EMPTY("ContainerIDFile", STRING),
	SHAPE_PART("LogConfig", log_schema),
	OF(config.network, "NetworkMode", STRING),
	SHAPE_OF(container_inspect, asked_ports, "PortBindings", MAP_LIST, place_schema),
	SHAPE_PART("RestartPolicy", restart_schema),
	OF(config.auto_remove, "AutoRemove", BOOL),
	EMPTY("VolumeDriver", STRING),
	NULLED(config.volumes_from, "VolumesFrom", STRINGS),
	OF(console, "ConsoleSize", IDS),
	MAYBE(config.annotations, "Annotations", PAIRS),
	NULLED(cap_add, "CapAdd", STRINGS),
	NULLED(cap_drop, "CapDrop", STRINGS),
	OF(cgroupns, "CgroupnsMode", STRING),
	OF(config.dns, "Dns", STRINGS),
	OF(config.dns_options, "DnsOptions", STRINGS),
	OF(config.dns_search, "DnsSearch", STRINGS),
	NULLED(config.add_hosts, "ExtraHosts", STRINGS),
	NULLED(config.groups, "GroupAdd", STRINGS),
	OF(ipc, "IpcMode", STRING),
	EMPTY("Cgroup", STRING),
	NOTHING("Links", STRINGS),
	OF(config.oom_score_adj, "OomScoreAdj", I64),
	OF(pid, "PidMode", STRING),
	OF(config.privileged, "Privileged", BOOL),
	OF(config.publish_all, "PublishAllPorts", BOOL),
	OF(config.read_only, "ReadonlyRootfs", BOOL),
	NULLED(security, "SecurityOpt", STRINGS),
	HIDDEN("StorageOpt", PAIRS),
	MAYBE(tmpfs, "Tmpfs", PAIRS),
	OF(uts, "UTSMode", STRING),
	OF(userns, "UsernsMode", STRING),
	OF(config.shm_size_bytes, "ShmSize", I64),
	MAYBE(config.sysctls, "Sysctls", PAIRS),
	OF(runtime, "Runtime", STRING),
	EMPTY("Isolation", STRING),
	OF(config.cpu_shares, "CpuShares", I64),
	OF(config.memory_bytes, "Memory", I64),
	OF(config.nano_cpus, "NanoCpus", I64),
	OF(config.cgroup_parent, "CgroupParent", STRING),
	OF(config.blkio_weight, "BlkioWeight", I64),
	LIST(config.weight_devices, "BlkioWeightDevice", weight_schema),
	LIST(config.read_bps, "BlkioDeviceReadBps", rate_schema),
	LIST(config.write_bps, "BlkioDeviceWriteBps", rate_schema),
	LIST(config.read_iops, "BlkioDeviceReadIOps", rate_schema),
	LIST(config.write_iops, "BlkioDeviceWriteIOps", rate_schema),
	OF(config.cpu_period_us, "CpuPeriod", I64),
	OF(config.cpu_quota_us, "CpuQuota", I64),
	EMPTY("CpuRealtimePeriod", I64),
	EMPTY("CpuRealtimeRuntime", I64),
	OF(config.cpuset_cpus, "CpusetCpus", STRING),
	OF(config.cpuset_mems, "CpusetMems", STRING),
	LIST(config.devices, "Devices", device_schema),
	NULLED(device_rules, "DeviceCgroupRules", STRINGS),
	NOTHING("DeviceRequests", STRINGS),
	EMPTY("KernelMemory", I64),
	EMPTY("KernelMemoryTCP", I64),
	OF(config.memory_reservation_bytes, "MemoryReservation", I64),
	OF(config.memory_swap_bytes, "MemorySwap", I64),
	NULLED(config.memory_swappiness, "MemorySwappiness", OPT_I64),
	OF(config.oom_kill_disable, "OomKillDisable", BOOL),
	NULLED(config.pids_limit, "PidsLimit", OPT_I64),
	LIST(config.ulimits, "Ulimits", ulimit_schema),
	EMPTY("CpuCount", I64),
	EMPTY("CpuPercent", I64),
	EMPTY("IOMaximumIOps", I64),
	EMPTY("IOMaximumBandwidth", I64),
	SHAPE_ROW(container_inspect, asked, "Mounts", LIST, .sub = &asked_schema),
	NULLED(masked, "MaskedPaths", STRINGS),
	NULLED(read_only, "ReadonlyPaths", STRINGS),
	OF(config.init, "Init", BOOL),
};
static const struct schema host_schema = SCHEMA(struct container_inspect, host_fields);

/* ------------------------------------------------------------------------------- Config */

/* The values of an object whose keys alone matter. */
static const struct schema key_schema = { sizeof(struct container_inspect_name), NULL, 0 };

static const struct schema_field config_fields[] = {
	OF(config.hostname, "Hostname", STRING),
	OF(config.domainname, "Domainname", STRING),
	OF(config.user, "User", STRING),
	OF(config.attach_stdin, "AttachStdin", BOOL),
	OF(config.attach_stdout, "AttachStdout", BOOL),
	OF(config.attach_stderr, "AttachStderr", BOOL),
	SHAPE_ROW(container_inspect, exposed, "ExposedPorts", MAP, .sub = &key_schema),
	OF(config.tty, "Tty", BOOL),
	OF(config.open_stdin, "OpenStdin", BOOL),
	OF(config.stdin_once, "StdinOnce", BOOL),
	OF(config.env, "Env", STRINGS),
	NULLED(config.command, "Cmd", STRINGS),
	HIDDEN("Healthcheck", OBJECT),
	OF(config.image, "Image", STRING),
	SHAPE_NULL_OF(container_inspect, volumes, "Volumes", MAP, key_schema),
	OF(config.workdir, "WorkingDir", STRING),
	NULLED(config.entrypoint, "Entrypoint", STRINGS),
	HIDDEN("NetworkDisabled", BOOL),
	HIDDEN("MacAddress", STRING),
	NOTHING("OnBuild", STRINGS),
	OF(config.labels, "Labels", PAIRS),
	MAYBE(config.stop_signal, "StopSignal", STRING),
	MAYBE(config.stop_timeout, "StopTimeout", OPT_I64),
	MAYBE(config.timeout_s, "Timeout", I64),
	HIDDEN("Shell", STRINGS),
};
static const struct schema config_schema = SCHEMA(struct container_inspect, config_fields);

/* ------------------------------------------------------------------------------- the rest */

static const struct schema_field mount_fields[] = {
	SHAPE(container_inspect_mount, type, "Type", STRING),
	SHAPE_MAYBE(container_inspect_mount, name, "Name", STRING),
	SHAPE(container_inspect_mount, source, "Source", STRING),
	SHAPE(container_inspect_mount, destination, "Destination", STRING),
	SHAPE_MAYBE(container_inspect_mount, driver, "Driver", STRING),
	SHAPE(container_inspect_mount, mode, "Mode", STRING),
	SHAPE(container_inspect_mount, rw, "RW", BOOL),
	SHAPE(container_inspect_mount, propagation, "Propagation", STRING),
};
static const struct schema mount_schema = SCHEMA(struct container_inspect_mount, mount_fields);

#define END(member, json, what)      SHAPE(container_inspect_endpoint, member, json, what)
#define END_NULL(member, json, what) SHAPE_NULL(container_inspect_endpoint, member, json, what)

static const struct schema_field addresses_fields[] = {
	SHAPE_MAYBE(container_inspect_addresses, ip, "IPv4Address", STRING),
	SHAPE_MAYBE(container_inspect_addresses, ip6, "IPv6Address", STRING),
};
static const struct schema addresses_schema =
	SCHEMA(struct container_inspect_addresses, addresses_fields);

static const struct schema_field endpoint_fields[] = {
	SHAPE_NULL_OF(container_inspect_endpoint, asked, "IPAMConfig", OBJECT, addresses_schema),
	END_NULL(none, "Links", STRINGS),
	END_NULL(aliases, "Aliases", STRINGS),
	END(mac, "MacAddress", STRING),
	END_NULL(none, "DriverOpts", PAIRS),
	END(none, "GwPriority", I64),
	END(network_id, "NetworkID", STRING),
	END(none, "EndpointID", STRING),
	END(gateway, "Gateway", STRING),
	END(ip, "IPAddress", STRING),
	END(ip_bits, "IPPrefixLen", I64),
	END(gateway6, "IPv6Gateway", STRING),
	END(ip6, "GlobalIPv6Address", STRING),
	END(ip6_bits, "GlobalIPv6PrefixLen", I64),
	END_NULL(names, "DNSNames", STRINGS),
};
static const struct schema endpoint_schema =
	SCHEMA(struct container_inspect_endpoint, endpoint_fields);

/* The addresses outside of Networks are those on the default network. */
static const struct schema_field network_fields[] = {
	EMPTY("Bridge", STRING),
	EMPTY("SandboxID", STRING),
	OF(sandbox, "SandboxKey", STRING),
	SHAPE_OF(container_inspect, ports, "Ports", MAP_LIST, place_schema),
	EMPTY("HairpinMode", BOOL),
	EMPTY("LinkLocalIPv6Address", STRING),
	EMPTY("LinkLocalIPv6PrefixLen", I64),
	NOTHING("SecondaryIPAddresses", STRINGS),
	NOTHING("SecondaryIPv6Addresses", STRINGS),
	EMPTY("EndpointID", STRING),
	OF(usual.gateway, "Gateway", STRING),
	OF(usual.ip6, "GlobalIPv6Address", STRING),
	OF(usual.ip6_bits, "GlobalIPv6PrefixLen", I64),
	OF(usual.ip, "IPAddress", STRING),
	OF(usual.ip_bits, "IPPrefixLen", I64),
	OF(usual.gateway6, "IPv6Gateway", STRING),
	OF(usual.mac, "MacAddress", STRING),
	SHAPE_OF(container_inspect, networks, "Networks", MAP, endpoint_schema),
};
static const struct schema network_schema = SCHEMA(struct container_inspect, network_fields);

static const struct schema_field driver_fields[] = {
	NULLED(graph, "Data", PAIRS),
	OF(driver, "Name", STRING),
};
static const struct schema driver_schema = SCHEMA(struct container_inspect, driver_fields);

static const struct schema_field fields[] = {
	OF(config.id, "Id", STRING),
	OF(config.created, "Created", STRING),
	OF(path, "Path", STRING),
	OF(args, "Args", STRINGS),
	SHAPE_PART("State", state_schema),
	OF(config.image_id, "Image", STRING),
	OF(resolv_conf_path, "ResolvConfPath", STRING),
	OF(hostname_path, "HostnamePath", STRING),
	OF(hosts_path, "HostsPath", STRING),
	OF(log_path, "LogPath", STRING),
	OF(name, "Name", STRING),
	OF(restarts, "RestartCount", I32),
	OF(driver, "Driver", STRING),
	OF(platform, "Platform", STRING),
	EMPTY("MountLabel", STRING),
	OF(config.selinux_label, "ProcessLabel", STRING),
	OF(config.apparmor_profile, "AppArmorProfile", STRING),
	NOTHING("ExecIDs", STRINGS),
	SHAPE_PART("HostConfig", host_schema),
	SHAPE_PART("GraphDriver", driver_schema),
	MAYBE(rw_bytes, "SizeRw", OPT_I64),
	MAYBE(root_bytes, "SizeRootFs", OPT_I64),
	OF(config.rootfs, "Rootfs", STRING),
	LIST(mounts, "Mounts", mount_schema),
	SHAPE_PART("Config", config_schema),
	SHAPE_PART("NetworkSettings", network_schema),
};
const struct schema container_inspect_schema = SCHEMA(struct container_inspect, fields);
