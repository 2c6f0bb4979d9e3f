/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills docker's shape of a container from what is kept of it; the tables that say where each
 * member goes are in container_shape.c.
 */
#include "cli/tare/container_inspect.h"

#include "cli/tare/ending.h"
#include "engine/disk.h"
#include "engine/entry.h"
#include "oci/list.h"
#include "store/store.h"

#include <string.h>

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
		if (strings_have(&mount->options, names[i]))
			return names[i];
	return "rprivate";
}

static bool is_read_only(const struct config_mount *mount)
{
	return strings_have(&mount->options, "ro") || strings_have(&mount->options, "rro");
}

/* In the form that it was asked for: --tmpfs, --volume or --mount. */
static void add_asked(struct container_inspect *in, const struct config_mount *mount,
		      struct arena *arena)
{
	const char *options = options_text(mount, arena);
	struct container_inspect_bind *bind = NULL;

	if (strcmp(mount->type, "tmpfs") == 0) {
		*list_add(&in->tmpfs, arena) =
			(struct oci_pair){ mount->target, arena_strdup(arena, options) };
		return;
	}
	if (mount->make_source) {
		strings_add(&in->binds, arena,
			    arena_printf(arena, "%s:%s%s%s", mount->source, mount->target,
					 *options ? ":" : "", options));
		return;
	}
	if (strcmp(mount->type, "bind") == 0) {
		bind = arena_new(arena, struct container_inspect_bind);
		bind->propagation = propagation_of(mount);
	}
	*list_add(&in->asked, arena) = (struct container_inspect_asked){
		.type = mount->type,
		.source = mount->source,
		.target = mount->target,
		.read_only = is_read_only(mount),
		.bind = bind,
	};
}

static void add_mount(struct container_inspect *in, const struct config_mount *mount,
		      struct arena *arena)
{
	*list_add(&in->mounts, arena) = (struct container_inspect_mount){
		.type = mount->type,
		.source = mount->source,
		.destination = mount->target,
		.mode = mount->make_source ? options_text(mount, arena) : "",
		.propagation = propagation_of(mount),
		.rw = !is_read_only(mount),
	};
	if (!mount->is_taken)
		add_asked(in, mount, arena);
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

/* ------------------------------------------------------------------------------- the rest */

/* The topmost first, as overlayfs has it. */
static char *lower_dirs(const struct config *config, const char *root, struct arena *arena)
{
	auto_buf struct buf text = {};
	struct digest diff_id;
	struct err ignored;

	for (size_t i = config->layers.n; i-- > 0;)
		if (digest_parse(config->layers.v[i], &diff_id, &ignored) == 0)
			buf_printf(&text, "%s%s", text.len ? ":" : "",
				   store_layer_path(root, &diff_id, arena));
	return arena_strdup(arena, buf_str(&text));
}

/* Of an image; the others have a directory alone. What is merged is seen by the monitor. */
static void fill_graph(struct container_inspect *in, const char *root, struct arena *arena)
{
	const struct {
		const char *member, *place;
	} rows[] = {
		{ "MergedDir", ENTRY_ROOT_DIR },
		{ "UpperDir", ENTRY_CHANGES_DIR "/upper" },
		{ "WorkDir", ENTRY_CHANGES_DIR "/work" },
	};

	if (!in->config.image)
		return;
	*list_add(&in->graph, arena) = (struct oci_pair){
		arena_strdup(arena, "LowerDir"), lower_dirs(&in->config, root, arena) };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		*list_add(&in->graph, arena) = (struct oci_pair){
			arena_strdup(arena, rows[i].member),
			arena_printf(arena, "%s/containers/%s/%s", root, in->config.id,
				     rows[i].place) };
}

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
		.restart = "no",
		.runtime = PROGRAM,
		.console = { arena_array(arena, uint32_t, 2), 2 },
	};

	container_host_fill(&in, arena);
	fill_state(&in, container, arena);
	fill_command(&in, arena);
	fill_mounts(&in, call);
	container_network_fill(&in, call, container);
	fill_graph(&in, call_engine(call)->root, arena);
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
