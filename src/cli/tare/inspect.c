/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare inspect: all that is known of containers, as JSON with docker's member names, so that
 * scripts which read those go on working. `Rootfs`, `OOMKills` and `Reason` are ours.
 */
#include "cli/tare/ending.h"
#include "cli/tare/image_inspect.h"
#include "cli/tare/verb.h"
#include "engine/list.h"
#include "oci/schema.h"

#include <string.h>

enum { TYPE_ANY, TYPE_CONTAINER, TYPE_IMAGE };

struct inspect_args {
	int type;
};

struct inspect_state {
	const char *status, *error, *reason, *started, *finished;
	uint32_t oom_kills;
	bool running, paused, restarting, oom_killed, dead;
	int32_t host_pid, exit_code;
};

struct inspect_mount {
	const char *type, *source, *destination, *mode;
	bool rw;
};

struct inspect {
	const struct config *config;
	const char *path, *name;
	struct oci_strings args;
	struct inspect_state state;
	OCI_LIST(struct inspect_mount) mounts;
	struct config own; /* the parts that docker calls Config and HostConfig */
	int32_t restarts;
};

#define FIELD(type, member, json, what) \
	{ json, SCHEMA_##what, .flags = SCHEMA_REQUIRED, .offset = offsetof(struct type, member) }
#define MAYBE(type, member, json, what) \
	{ json, SCHEMA_##what, .offset = offsetof(struct type, member) }
#define OBJECT(type, member, json, what, schema) \
	{ json, SCHEMA_##what, .flags = SCHEMA_REQUIRED, .offset = offsetof(struct type, member), \
	  .sub = &(schema) }

static const struct schema_field state_fields[] = {
	FIELD(inspect_state, status, "Status", STRING),
	FIELD(inspect_state, running, "Running", BOOL),
	FIELD(inspect_state, paused, "Paused", BOOL),
	FIELD(inspect_state, restarting, "Restarting", BOOL),
	FIELD(inspect_state, oom_killed, "OOMKilled", BOOL),
	FIELD(inspect_state, oom_kills, "OOMKills", U32),
	FIELD(inspect_state, reason, "Reason", STRING),
	FIELD(inspect_state, dead, "Dead", BOOL),
	FIELD(inspect_state, host_pid, "Pid", I32),
	FIELD(inspect_state, exit_code, "ExitCode", I32),
	FIELD(inspect_state, error, "Error", STRING),
	FIELD(inspect_state, started, "StartedAt", STRING),
	FIELD(inspect_state, finished, "FinishedAt", STRING),
};
static const struct schema state_schema = SCHEMA(struct inspect_state, state_fields);

static const struct schema_field mount_fields[] = {
	FIELD(inspect_mount, type, "Type", STRING),
	FIELD(inspect_mount, source, "Source", STRING),
	FIELD(inspect_mount, destination, "Destination", STRING),
	FIELD(inspect_mount, mode, "Mode", STRING),
	FIELD(inspect_mount, rw, "RW", BOOL),
};
static const struct schema mount_schema = SCHEMA(struct inspect_mount, mount_fields);

static const struct schema_field config_fields[] = {
	FIELD(config, hostname, "Hostname", STRING),
	FIELD(config, user, "User", STRING),
	FIELD(config, tty, "Tty", BOOL),
	FIELD(config, open_stdin, "OpenStdin", BOOL),
	FIELD(config, env, "Env", STRINGS),
	FIELD(config, command, "Cmd", STRINGS),
	FIELD(config, entrypoint, "Entrypoint", STRINGS),
	FIELD(config, workdir, "WorkingDir", STRING),
	FIELD(config, labels, "Labels", PAIRS),
	FIELD(config, stop_signal, "StopSignal", STRING),
};
static const struct schema config_schema = SCHEMA(struct config, config_fields);

#define DEVICES(name, json) \
	static const struct schema_field name##_fields[] = { \
		FIELD(config_device_limit, path, "Path", STRING), \
		FIELD(config_device_limit, value, json, I64), \
	}; \
	static const struct schema name##_schema = SCHEMA(struct config_device_limit, name##_fields)

DEVICES(weight, "Weight");
DEVICES(rate, "Rate");

static const struct schema_field ulimit_fields[] = {
	FIELD(config_ulimit, name, "Name", STRING),
	FIELD(config_ulimit, soft, "Soft", I64),
	FIELD(config_ulimit, hard, "Hard", I64),
};
static const struct schema ulimit_schema = SCHEMA(struct config_ulimit, ulimit_fields);

static const struct schema_field host_fields[] = {
	FIELD(config, network, "NetworkMode", STRING),
	FIELD(config, pid, "PidMode", STRING),
	FIELD(config, auto_remove, "AutoRemove", BOOL),
	FIELD(config, cap_add, "CapAdd", STRINGS),
	FIELD(config, cap_drop, "CapDrop", STRINGS),
	FIELD(config, privileged, "Privileged", BOOL),
	FIELD(config, read_only, "ReadonlyRootfs", BOOL),
	FIELD(config, init, "Init", BOOL),
	FIELD(config, memory_bytes, "Memory", I64),
	FIELD(config, memory_reservation_bytes, "MemoryReservation", I64),
	FIELD(config, memory_swap_bytes, "MemorySwap", I64),
	MAYBE(config, memory_swappiness, "MemorySwappiness", OPT_I64),
	FIELD(config, oom_kill_disable, "OomKillDisable", BOOL),
	FIELD(config, oom_score_adj, "OomScoreAdj", I64),
	FIELD(config, shm_size_bytes, "ShmSize", I64),
	FIELD(config, nano_cpus, "NanoCpus", I64),
	FIELD(config, cpu_shares, "CpuShares", I64),
	FIELD(config, cpu_period_us, "CpuPeriod", I64),
	FIELD(config, cpu_quota_us, "CpuQuota", I64),
	FIELD(config, cpuset_cpus, "CpusetCpus", STRING),
	FIELD(config, cpuset_mems, "CpusetMems", STRING),
	FIELD(config, pids_limit, "PidsLimit", OPT_I64),
	FIELD(config, blkio_weight, "BlkioWeight", I64),
	OBJECT(config, weight_devices, "BlkioWeightDevice", LIST, weight_schema),
	OBJECT(config, read_bps, "BlkioDeviceReadBps", LIST, rate_schema),
	OBJECT(config, write_bps, "BlkioDeviceWriteBps", LIST, rate_schema),
	OBJECT(config, read_iops, "BlkioDeviceReadIOps", LIST, rate_schema),
	OBJECT(config, write_iops, "BlkioDeviceWriteIOps", LIST, rate_schema),
	OBJECT(config, ulimits, "Ulimits", LIST, ulimit_schema),
};
static const struct schema host_schema = SCHEMA(struct config, host_fields);

static const struct schema_field identity_fields[] = {
	FIELD(config, id, "Id", STRING),
	FIELD(config, created, "Created", STRING),
	FIELD(config, rootfs, "Rootfs", STRING),
};
static const struct schema identity_schema = SCHEMA(struct config, identity_fields);

static const struct schema_field inspect_fields[] = {
	FIELD(inspect, name, "Name", STRING),
	FIELD(inspect, path, "Path", STRING),
	FIELD(inspect, args, "Args", STRINGS),
	OBJECT(inspect, state, "State", EMBEDDED, state_schema),
	FIELD(inspect, restarts, "RestartCount", I32),
	OBJECT(inspect, mounts, "Mounts", LIST, mount_schema),
	OBJECT(inspect, own, "Config", EMBEDDED, config_schema),
	OBJECT(inspect, own, "HostConfig", EMBEDDED, host_schema),
};
static const struct schema inspect_schema = SCHEMA(struct inspect, inspect_fields);

/* ------------------------------------------------------------------------------- filling */

/* docker's word for never. */
static const char *moment(const char *timestamp)
{
	return timestamp ? timestamp : "0001-01-01T00:00:00Z";
}

static struct inspect_state make_state(const struct engine_container *container,
				       struct arena *arena)
{
	const struct status *status = container->status;
	const struct ending ending = { status->exit_code, status->oom_kills };

	return (struct inspect_state){
		.status = status_name(status->kind),
		.running = status->kind == STATUS_RUNNING || status->kind == STATUS_PAUSED,
		.paused = status->kind == STATUS_PAUSED,
		.host_pid = status->host_pid,
		.exit_code = status->exit_code,
		.oom_killed = status->oom_kills > 0,
		.oom_kills = status->oom_kills,
		.reason = ending_reason(container->config, &ending, arena),
		.error = status->error,
		.started = moment(status->started),
		.finished = moment(status->finished),
	};
}

static void fill_command(struct inspect *in, const struct config *config, struct arena *arena)
{
	size_t n = config->entrypoint.n + config->command.n;
	char **argv = arena_array(arena, char *, n + 1);

	for (size_t i = 0; i < n; i++)
		argv[i] = i < config->entrypoint.n ? config->entrypoint.v[i]
						   : config->command.v[i - config->entrypoint.n];
	in->path = n ? argv[0] : "";
	in->args = (struct oci_strings){ argv + 1, n ? n - 1 : 0 };
}

static void fill_mounts(struct inspect *in, const struct config *config, struct arena *arena)
{
	for (size_t i = 0; i < config->mounts.n; i++) {
		const struct config_mount *mount = &config->mounts.v[i];
		auto_buf struct buf mode = {};
		bool read_only = false;

		for (size_t j = 0; j < mount->options.n; j++) {
			read_only |= strcmp(mount->options.v[j], "ro") == 0 ||
				     strcmp(mount->options.v[j], "rro") == 0;
			buf_printf(&mode, "%s%s", j ? "," : "", mount->options.v[j]);
		}
		*list_add(&in->mounts, arena) = (struct inspect_mount){
			.type = mount->type,
			.source = mount->source,
			.destination = mount->target,
			.mode = arena_strdup(arena, buf_str(&mode)),
			.rw = !read_only,
		};
	}
}

static void fill_volumes(struct inspect *in, const struct call *call, const struct config *config)
{
	for (size_t i = 0; i < config->volumes.n; i++)
		*list_add(&in->mounts, call->arena) = (struct inspect_mount){
			.type = "volume",
			.source = arena_printf(call->arena, "%s/containers/%s/volumes/%zu",
					       call_engine(call)->root, config->id, i),
			.destination = config->volumes.v[i],
			.mode = "",
			.rw = true,
		};
}

static struct inspect make_inspect(const struct call *call,
				   const struct engine_container *container)
{
	struct arena *arena = call->arena;
	const struct config *config = container->config;
	struct inspect in = {
		.config = config,
		.name = arena_printf(arena, "/%s", config->name),
		.state = make_state(container, arena),
		.own = *config,
	};

	if (!in.own.network)
		in.own.network = arena_strdup(arena, "none");
	in.own.pids_limit.is_set = true;
	if (!in.own.hostname)
		in.own.hostname = arena_strndup(arena, config->id, 12);
	fill_command(&in, config, arena);
	fill_mounts(&in, config, arena);
	fill_volumes(&in, call, config);
	return in;
}

/* ------------------------------------------------------------------------------- the verb */

/* Two tables make one object: what a container is, and what it does. */
static void format_one(const struct inspect *in, struct buf *out)
{
	auto_buf struct buf rest = {};

	schema_format_pretty(&identity_schema, in->config, out);
	while (out->len && (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == '}'))
		out->data[--out->len] = '\0';
	schema_format_pretty(&inspect_schema, in, &rest);
	buf_printf(out, ",%s", buf_str(&rest) + 1);
}

static int add_container(const struct call *call, const char *who, struct buf *out,
			 struct err *err)
{
	struct engine_container container;
	struct inspect in;
	int r = engine_get(call_engine(call), who, call->arena, &container, err);

	if (r < 0)
		return r;
	in = make_inspect(call, &container);
	format_one(&in, out);
	return 0;
}

/* A container, or if there is none of that name an image, as docker has it. */
static int add_any(const struct call *call, const char *who, struct buf *out, struct err *err)
{
	struct err why = {};

	if (add_container(call, who, out, err) == 0)
		return 0;
	if (err->kind != ERR_NOT_FOUND || image_inspect(call, who, out, &why) < 0)
		return -err->no;
	*err = (struct err){};
	return 0;
}

static int run(const struct call *call, struct err *err)
{
	static int (*const kinds[])(const struct call *call, const char *who, struct buf *out,
				    struct err *err) = {
		[TYPE_ANY] = add_any,
		[TYPE_CONTAINER] = add_container,
		[TYPE_IMAGE] = image_inspect,
	};
	const struct inspect_args *args = call->args;
	auto_buf struct buf out = {};

	buf_puts(&out, "[\n");
	for (char **who = call->operands; *who; who++) {
		int r;

		buf_puts(&out, who == call->operands ? "" : ",\n");
		r = kinds[args->type](call, *who, &out, err);
		if (r < 0)
			return r;
	}
	buf_puts(&out, "]\n");
	return print_buf(&out, err);
}

static const struct opt options[] = {
	OPT_CHOICE(struct inspect_args, type, "type", 0, "container|image",
		   "what it is; either by default, a container first"),
};

const struct verb verb_inspect = {
	.command = {
		.name = "inspect",
		.operands = "CONTAINER|IMAGE...",
		.summary = "Print all that is known of containers and images, as JSON",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct inspect_args),
	.run = run,
};
