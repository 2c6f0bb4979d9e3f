/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills docker's shape of a container from what is kept of it; the tables that say where each
 * member goes are in container_shape.c.
 */
#include "cli/tare/container_inspect.h"

#include "cli/tare/ending.h"
#include "engine/disk.h"
#include "engine/list.h"
#include "engine/spec_parts.h"

#include <string.h>

#define DEFAULT_SHM_BYTES ((int64_t)64 << 20)

/* ------------------------------------------------------------------------------- State */

/* docker's word for never. */
static const char *moment(const char *timestamp)
{
	return timestamp ? timestamp : "0001-01-01T00:00:00Z";
}

static void fill_state(struct container_inspect *in, const struct engine_container *container,
		       struct arena *arena)
{
	const struct status *status = container->status;
	const struct ending ending = { status->exit_code, status->oom_kills };

	in->status = status_name(status->kind);
	in->running = status->kind == STATUS_RUNNING || status->kind == STATUS_PAUSED;
	in->paused = status->kind == STATUS_PAUSED;
	in->host_pid = status->host_pid;
	in->exit_code = status->exit_code;
	in->oom_killed = status->oom_kills > 0;
	in->oom_kills = status->oom_kills;
	in->reason = ending_reason(container->config, &ending, arena);
	in->error = status->error;
	in->started = moment(status->started);
	in->finished = moment(status->finished);
}

/* ------------------------------------------------------------------------------- Mounts */

static bool has_option(const struct config_mount *mount, const char *option)
{
	for (size_t i = 0; i < mount->options.n; i++)
		if (strcmp(mount->options.v[i], option) == 0)
			return true;
	return false;
}

/* As a person says them; that a mount is idmapped goes without saying. */
static const char *options_text(const struct config_mount *mount, struct arena *arena)
{
	auto_buf struct buf text = {};

	for (size_t i = 0; i < mount->options.n; i++) {
		const char *option = mount->options.v[i];

		if (strcmp(option, "idmap") == 0)
			continue;
		buf_printf(&text, "%s%s", text.len ? "," : "",
			   strcmp(option, "rro") == 0 ? "ro" : option);
	}
	return arena_strdup(arena, buf_str(&text));
}

static const char *propagation_of(const struct config_mount *mount)
{
	static const char *const names[] = { "shared", "rshared", "slave",
					     "rslave", "private", "rprivate" };

	if (strcmp(mount->type, "bind") != 0)
		return "";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (has_option(mount, names[i]))
			return names[i];
	return "rprivate";
}

static void add_mount(struct container_inspect *in, const struct config_mount *mount,
		      struct arena *arena)
{
	const char *mode = options_text(mount, arena);
	bool is_tmpfs = strcmp(mount->type, "tmpfs") == 0;

	*list_add(&in->mounts, arena) = (struct container_inspect_mount){
		.type = mount->type,
		.source = mount->source,
		.destination = mount->target,
		.mode = mode,
		.propagation = propagation_of(mount),
		.rw = !has_option(mount, "ro") && !has_option(mount, "rro"),
	};
	if (is_tmpfs)
		*list_add(&in->tmpfs, arena) =
			(struct oci_pair){ mount->target, arena_strdup(arena, mode) };
	else if (mount->make_source)
		strings_add(&in->binds, arena,
			    arena_printf(arena, "%s:%s%s%s", mount->source, mount->target,
					 *mode ? ":" : "", mode));
}

static void add_volume(struct container_inspect *in, const struct call *call, size_t i)
{
	struct arena *arena = call->arena;
	const char *target = in->config.volumes.v[i];

	*list_add(&in->mounts, arena) = (struct container_inspect_mount){
		.type = "volume",
		.source = arena_printf(arena, "%s/containers/%s/volumes/%zu",
				       call_engine(call)->root, in->config.id, i),
		.destination = target,
		.driver = "local",
		.mode = "",
		.rw = true,
	};
	list_add(&in->volumes, arena)->name = target;
}

static void fill_mounts(struct container_inspect *in, const struct call *call)
{
	for (size_t i = 0; i < in->config.mounts.n; i++)
		add_mount(in, &in->config.mounts.v[i], call->arena);
	for (size_t i = 0; i < in->config.volumes.n; i++)
		add_volume(in, call, i);
}

/* ------------------------------------------------------------------------------- HostConfig */

static void add_security(struct container_inspect *in, const char *name, const char *value,
			 struct arena *arena)
{
	if (value)
		strings_add(&in->security, arena, arena_printf(arena, "%s=%s", name, value));
}

static void fill_security(struct container_inspect *in, struct arena *arena)
{
	struct oci_linux linux_ = {};
	struct oci_spec spec = { .linux_ = &linux_ };
	const struct draft draft = { .config = &in->config, .arena = arena, .spec = &spec };
	struct err ignored;

	if (in->config.no_new_privileges.value)
		strings_add(&in->security, arena, arena_strdup(arena, "no-new-privileges"));
	add_security(in, "apparmor", in->config.apparmor_profile, arena);
	add_security(in, "label", in->config.selinux_label, arena);
	add_security(in, "seccomp", in->config.seccomp_profile, arena);
	(void)spec_add_masks(&draft, &ignored);
	in->masked = linux_.masked_paths;
	in->read_only = linux_.readonly_paths;
}

static void fill_defaults(struct container_inspect *in, struct arena *arena)
{
	struct config *config = &in->config;

	if (!config->network)
		config->network = arena_strdup(arena, "none");
	if (!config->hostname)
		config->hostname = arena_strndup(arena, config->id, 12);
	if (!config->shm_size_bytes)
		config->shm_size_bytes = DEFAULT_SHM_BYTES;
}

/* ------------------------------------------------------------------------------- the rest */

static void fill_command(struct container_inspect *in, struct arena *arena)
{
	const struct oci_strings *parts[] = { &in->config.entrypoint, &in->config.command };
	struct oci_strings argv = {};

	for (size_t p = 0; p < 2; p++)
		for (size_t i = 0; i < parts[p]->n; i++)
			strings_add(&argv, arena, parts[p]->v[i]);
	in->path = argv.n ? argv.v[0] : "";
	in->args = (struct oci_strings){ argv.v + 1, argv.n ? argv.n - 1 : 0 };
}

static struct container_inspect make(const struct call *call,
				     const struct engine_container *container)
{
	const struct config *config = container->config;
	struct arena *arena = call->arena;
	struct container_inspect in = {
		.config = *config,
		.name = arena_printf(arena, "/%s", config->name),
		.log_path = engine_log_path(call_engine(call), config, arena),
		.driver = "overlay",
		.platform = "linux",
		.log_type = config->log_driver ? config->log_driver : "json-file",
		.restart = "no",
		.cgroupns = "private",
		.ipc = "private",
		.runtime = PROGRAM,
		.console = { arena_array(arena, uint32_t, 2), 2 },
	};

	fill_defaults(&in, arena);
	fill_state(&in, container, arena);
	fill_command(&in, arena);
	fill_mounts(&in, call);
	fill_security(&in, arena);
	list_add(&in.networks, arena)->name = in.config.network;
	return in;
}

static uint64_t image_bytes(const struct disk *disk, const char *image_id)
{
	for (size_t i = 0; image_id && i < disk->n_images; i++)
		if (strcmp(disk->images[i].image->config_text, image_id) == 0)
			return disk->images[i].image->bytes;
	return 0;
}

static int fill_sizes(struct container_inspect *in, const struct call *call, struct err *err)
{
	struct disk disk;
	int r = engine_disk(call_engine(call), call->arena, &disk, err);

	for (size_t i = 0; r == 0 && i < disk.n_containers; i++) {
		uint64_t bytes = disk.containers[i].bytes;

		if (strcmp(disk.containers[i].container->config->id, in->config.id) != 0)
			continue;
		in->rw_bytes = (struct oci_i64){ true, (int64_t)bytes };
		bytes += image_bytes(&disk, in->config.image_id);
		in->root_bytes = (struct oci_i64){ true, (int64_t)bytes };
	}
	return r;
}

int container_inspect(const struct call *call, const char *who, bool with_size,
		      struct value **ret, struct err *err)
{
	struct container_inspect *in = arena_new(call->arena, struct container_inspect);
	struct engine_container container;
	int r = engine_get(call_engine(call), who, call->arena, &container, err);

	if (r < 0)
		return r;
	*in = make(call, &container);
	if (with_size)
		r = fill_sizes(in, call, err);
	*ret = value_from(&container_inspect_schema, in, call->arena);
	return r;
}
