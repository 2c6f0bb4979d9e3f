/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `info` tells scripts that were written for docker or podman.
 */
#include "cli/tare/info_shape.h"

#include "base/timestamp.h"
#include "cli/tare/shape.h"
#include "engine/images.h"
#include "oci/list.h"

#include <string.h>
#include <sys/utsname.h>

/* What the tables are of. */
struct info_shape {
	struct info info;
	struct shape_nothing none;
	uint32_t containers, images;
	const char *cgroup_version, *driver, *host_name, *kernel, *log_driver, *os, *program;
	const char *run_root, *swarm, *time;
	struct oci_strings security;
	bool memory, pids, cpu, cpuset, is_rootless;
};

#define OF(member, json, what)    SHAPE(info_shape, member, json, what)
#define EMPTY(json, what)         OF(none, json, what)
#define NOTHING(json, what)       SHAPE_NULL(info_shape, none, json, what)

/* ------------------------------------------------------------------------------- docker's */

static const struct schema_field swarm_fields[] = {
	EMPTY("NodeID", STRING),
	EMPTY("NodeAddr", STRING),
	OF(swarm, "LocalNodeState", STRING),
	EMPTY("ControlAvailable", BOOL),
	EMPTY("Error", STRING),
	NOTHING("RemoteManagers", STRINGS),
};
static const struct schema swarm_schema = SCHEMA(struct info_shape, swarm_fields);

static const struct schema_field docker_fields[] = {
	EMPTY("ID", STRING),
	OF(containers, "Containers", U32),
	OF(info.containers.running, "ContainersRunning", U32),
	OF(info.containers.paused, "ContainersPaused", U32),
	OF(info.containers.exited, "ContainersStopped", U32),
	OF(images, "Images", U32),
	OF(driver, "Driver", STRING),
	NOTHING("DriverStatus", STRINGS),
	OF(memory, "MemoryLimit", BOOL),
	OF(memory, "SwapLimit", BOOL),
	OF(cpu, "CpuCfsPeriod", BOOL),
	OF(cpu, "CpuCfsQuota", BOOL),
	OF(cpu, "CPUShares", BOOL),
	OF(cpuset, "CPUSet", BOOL),
	OF(pids, "PidsLimit", BOOL),
	EMPTY("Debug", BOOL),
	OF(time, "SystemTime", STRING),
	OF(log_driver, "LoggingDriver", STRING),
	OF(info.cgroup.manager, "CgroupDriver", STRING),
	OF(cgroup_version, "CgroupVersion", STRING),
	OF(kernel, "KernelVersion", STRING),
	EMPTY("OperatingSystem", STRING),
	EMPTY("OSVersion", STRING),
	OF(os, "OSType", STRING),
	OF(info.machine, "Architecture", STRING),
	OF(info.cpus, "NCPU", U32),
	OF(info.memory_bytes, "MemTotal", U64),
	OF(info.root, "DockerRootDir", STRING),
	EMPTY("HttpProxy", STRING),
	EMPTY("HttpsProxy", STRING),
	EMPTY("NoProxy", STRING),
	OF(host_name, "Name", STRING),
	EMPTY("Labels", STRINGS),
	EMPTY("ExperimentalBuild", BOOL),
	OF(info.version, "ServerVersion", STRING),
	OF(program, "DefaultRuntime", STRING),
	SHAPE_PART("Swarm", swarm_schema),
	EMPTY("LiveRestoreEnabled", BOOL),
	EMPTY("Isolation", STRING),
	OF(security, "SecurityOptions", STRINGS),
	NOTHING("Warnings", STRINGS),
};
static const struct schema docker_schema = SCHEMA(struct info_shape, docker_fields);

/* ------------------------------------------------------------------------------- podman's */

static const struct schema_field runtime_fields[] = {
	OF(program, "Name", STRING),
};
static const struct schema runtime_schema = SCHEMA(struct info_shape, runtime_fields);

static const struct schema_field security_fields[] = {
	OF(is_rootless, "Rootless", BOOL),
	OF(info.security.apparmor, "AppArmorEnabled", BOOL),
	OF(info.security.seccomp, "SECCOMPEnabled", BOOL),
	OF(info.security.selinux, "SELinuxEnabled", BOOL),
};
static const struct schema security_schema = SCHEMA(struct info_shape, security_fields);

static const struct schema_field host_fields[] = {
	OF(info.machine, "Arch", STRING),
	OF(info.cgroup.manager, "CgroupManager", STRING),
	OF(cgroup_version, "CgroupsVersion", STRING),
	OF(info.cgroup.usable, "CgroupControllers", STRINGS),
	OF(info.cpus, "CPUs", U32),
	OF(host_name, "Hostname", STRING),
	OF(kernel, "Kernel", STRING),
	OF(log_driver, "LogDriver", STRING),
	OF(info.memory_bytes, "MemTotal", U64),
	SHAPE_PART("OCIRuntime", runtime_schema),
	OF(os, "OS", STRING),
	SHAPE_PART("Security", security_schema),
	OF(info.swap_bytes, "SwapTotal", U64),
};
static const struct schema host_schema = SCHEMA(struct info_shape, host_fields);

static const struct schema_field store_fields[] = {
	OF(driver, "GraphDriverName", STRING),
	OF(info.root, "GraphRoot", STRING),
	OF(run_root, "RunRoot", STRING),
};
static const struct schema store_schema = SCHEMA(struct info_shape, store_fields);

static const struct schema_field version_fields[] = {
	OF(info.version, "Version", STRING),
};
static const struct schema version_schema = SCHEMA(struct info_shape, version_fields);

static const struct {
	const char *name;
	const struct schema *schema;
} parts[] = {
	{ "Host", &host_schema },
	{ "Store", &store_schema },
	{ "Version", &version_schema },
};

/* ------------------------------------------------------------------------------- filling */

static bool has_word(const struct oci_strings *words, const char *word)
{
	for (size_t i = 0; i < words->n; i++)
		if (strcmp(words->v[i], word) == 0)
			return true;
	return false;
}

/* Each once, however many names it has. */
static uint32_t count_ids(struct store_image *const *list, size_t n)
{
	uint32_t count = 0;

	for (size_t i = 0, j; i < n; i++) {
		for (j = 0; j < i; j++)
			if (strcmp(list[j]->config_text, list[i]->config_text) == 0)
				break;
		count += j == i;
	}
	return count;
}

static uint32_t count_images(const struct call *call)
{
	auto_store struct store store = STORE_NONE;
	struct store_image **list;
	struct err ignored;
	size_t n;

	if (engine_open_store(call_engine(call), &store, &ignored) < 0 ||
	    store_list(&store, call->arena, &list, &n, &ignored) < 0)
		return 0;
	return count_ids(list, n);
}

static void fill_limits(struct info_shape *shape)
{
	const struct oci_strings *usable = &shape->info.cgroup.usable;

	shape->memory = has_word(usable, "memory");
	shape->pids = has_word(usable, "pids");
	shape->cpu = has_word(usable, "cpu");
	shape->cpuset = has_word(usable, "cpuset");
}

static void fill_security(struct info_shape *shape, struct arena *arena)
{
	const struct info_security *security = &shape->info.security;
	const struct {
		bool is_there;
		const char *text;
	} rows[] = {
		{ security->apparmor, "name=apparmor" },
		{ security->seccomp, "name=seccomp,profile=builtin" },
		{ security->selinux, "name=selinux" },
		{ security->user_namespaces, "name=userns" },
		{ shape->info.uid != 0, "name=rootless" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].is_there)
			strings_add(&shape->security, arena, arena_strdup(arena, rows[i].text));
}

static void fill(struct info_shape *shape, const struct call *call, const struct info *info)
{
	const struct info_containers *containers = &info->containers;
	struct utsname names = {};
	char now[TIMESTAMP_BYTES];

	timestamp_now(now);
	(void)uname(&names);
	*shape = (struct info_shape){
		.info = *info,
		.containers = containers->created + containers->running + containers->paused +
			      containers->exited,
		.images = count_images(call),
		.cgroup_version = strcmp(info->cgroup.kind, "v2") == 0 ? "2" : "1",
		.driver = "overlay",
		.host_name = arena_strdup(call->arena, names.nodename),
		.kernel = arena_strdup(call->arena, names.release),
		.log_driver = "json-file",
		.os = "linux",
		.program = PROGRAM,
		.run_root = call_engine(call)->rt.root,
		.swarm = "inactive",
		.time = arena_strdup(call->arena, now),
		.is_rootless = info->uid != 0,
	};
	fill_limits(shape);
	fill_security(shape, call->arena);
}

struct value *info_shape(const struct call *call, const struct info *info)
{
	struct info_shape *shape = arena_new(call->arena, struct info_shape);
	struct value *all;

	fill(shape, call, info);
	all = value_from(&docker_schema, shape, call->arena);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct value *part = value_from(parts[i].schema, shape, call->arena);

		part->is_hidden = true;
		value_add(all, parts[i].name, part);
	}
	return all;
}
