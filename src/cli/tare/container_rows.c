/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each field of a container's row says. Those that docker has too say the same as there; the
 * ports of one that does not run are those that it will have, as podman has it.
 */
#include "cli/tare/container_rows.h"

#include "cli/tare/age.h"
#include "cli/tare/container_text.h"
#include "cli/tare/labels.h"
#include "cli/tare/quantity.h"
#include "engine/disk.h"
#include "engine/net_view.h"

#include <string.h>

#define SHORT_MOUNT 15

enum {
	ID = CONTAINER_ROW_ID,
	NAMES = CONTAINER_ROW_NAMES,
	COMMAND = CONTAINER_ROW_COMMAND,
	IMAGE = CONTAINER_ROW_IMAGE,
	STATUS = CONTAINER_ROW_STATUS,
	CREATED_AT, LABELS, LOCAL_VOLUMES, MOUNTS, NETWORKS, PORTS, RUNNING_FOR, SIZE, STATE, LABEL,
	CREATED, CREATED_HUMAN, EXITED, EXITED_AT, EXIT_CODE, IMAGE_ID, PID, STARTED_AT,
	N_FIELDS,
};

static const struct format_field fields[N_FIELDS] = {
	[ID] = { "ID", "CONTAINER ID", 0 },
	[NAMES] = { "Names", "NAMES", 0 },
	[COMMAND] = { "Command", "COMMAND", 0 },
	[CREATED_AT] = { "CreatedAt", "CREATED AT", 0 },
	[IMAGE] = { "Image", "IMAGE", 0 },
	[LABELS] = { "Labels", "LABELS", 0 },
	[LOCAL_VOLUMES] = { "LocalVolumes", "LOCAL VOLUMES", 0 },
	[MOUNTS] = { "Mounts", "MOUNTS", 0 },
	[NETWORKS] = { "Networks", "NETWORKS", 0 },
	[PORTS] = { "Ports", "PORTS", 0 },
	[RUNNING_FOR] = { "RunningFor", "CREATED", 0 },
	[SIZE] = { "Size", "SIZE", 0 },
	[STATE] = { "State", "STATE", 0 },
	[STATUS] = { "Status", "STATUS", 0 },
	[LABEL] = { "Label", "", FORMAT_LOOKUP },
	/* podman's */
	[CREATED] = { "Created", "CREATED", FORMAT_EXTRA },
	[CREATED_HUMAN] = { "CreatedHuman", "CREATED", FORMAT_EXTRA },
	[EXITED] = { "Exited", "EXITED", FORMAT_EXTRA | FORMAT_TRUTH },
	[EXITED_AT] = { "ExitedAt", "EXITED AT", FORMAT_EXTRA },
	[EXIT_CODE] = { "ExitCode", "EXIT CODE", FORMAT_EXTRA | FORMAT_NUMBER },
	[IMAGE_ID] = { "ImageID", "IMAGE ID", FORMAT_EXTRA },
	[PID] = { "Pid", "PID", FORMAT_EXTRA | FORMAT_NUMBER },
	[STARTED_AT] = { "StartedAt", "STARTED AT", FORMAT_EXTRA },
};

static const unsigned char columns[] = { ID,	 IMAGE, COMMAND, RUNNING_FOR,
					 STATUS, PORTS, NAMES,	 SIZE };

/* ------------------------------------------------------------------------------- cells */

static void add_mount(struct buf *text, const char *source, bool whole)
{
	buf_puts(text, text->len ? "," : "");
	if (whole || strlen(source) <= SHORT_MOUNT)
		buf_puts(text, source);
	else
		buf_printf(text, "%.*s…", SHORT_MOUNT - 1, source);
}

static const char *mounts_text(const struct config *config, bool whole, struct arena *arena)
{
	auto_buf struct buf text = {};

	for (size_t i = 0; i < config->mounts.n; i++)
		if (config->mounts.v[i].source)
			add_mount(&text, config->mounts.v[i].source, whole);
	return arena_strdup(arena, buf_str(&text));
}

static const char *networks_text(const struct engine_container *container, struct arena *arena)
{
	auto_buf struct buf text = {};
	struct net_view view;

	net_view_make(container, arena, &view);
	for (size_t i = 0; i < view.networks.n; i++)
		buf_printf(&text, "%s%s", i ? "," : "", view.networks.v[i]);
	return arena_strdup(arena, buf_str(&text));
}

static const char *ports_text(const struct engine_container *container, struct arena *arena)
{
	auto_buf struct buf text = {};
	struct net_view view;

	net_view_make(container, arena, &view);
	if (view.published.n || view.exposed.n)
		port_format_list(view.published.v, view.published.n, view.exposed.v,
				 view.exposed.n, &text);
	return arena_strdup(arena, buf_str(&text));
}

static const char *ago(const char *moment, struct arena *arena)
{
	return arena_printf(arena, "%s ago", age_since(moment, arena));
}

static const char *image_text(const struct config *config)
{
	return config->image ? config->image : config->rootfs;
}

/* docker's "12B (virtual 4.2MB)": what it changed, and that with its image. */
static const char *size_text(const struct container_rows *rows, const struct config *config,
			     struct arena *arena)
{
	auto_buf struct buf text = {};
	struct disk_size size = {};

	if (rows->engine)
		engine_container_size(rows->engine, config, arena, &size);
	quantity_size(&text, size.changed_bytes);
	if (size.layer_bytes) {
		buf_puts(&text, " (virtual ");
		quantity_size(&text, size.changed_bytes + size.layer_bytes);
		buf_puts(&text, ")");
	}
	return arena_strdup(arena, buf_str(&text));
}

/* What only podman has. */
static const char *extra_cell(const struct engine_container *container, size_t field,
			      struct arena *arena)
{
	const struct status *status = container->status;

	switch (field) {
	case CREATED:
	case CREATED_HUMAN:
		return ago(container->config->created, arena);
	case EXITED:
		return status->kind == STATUS_EXITED ? "true" : "false";
	case EXITED_AT:
		return age_moment(status->finished, arena);
	case EXIT_CODE:
		return arena_printf(arena, "%d", status->exit_code);
	case IMAGE_ID:
		return container->config->image_id;
	case PID:
		return arena_printf(arena, "%d", status->host_pid);
	default:
		return age_moment(status->started, arena);
	}
}

static const char *cell(const void *row, size_t field, const void *context, struct arena *arena)
{
	const struct container_rows *rows = context;
	const struct engine_container *container = row;
	const struct config *config = container->config;

	switch (field) {
	case COMMAND:
		return container_command_text(config, rows->whole, arena);
	case CREATED_AT:
		return age_moment(config->created, arena);
	case ID:
		return rows->whole ? config->id : arena_strndup(arena, config->id, 12);
	case IMAGE:
		return image_text(config);
	case LABELS:
		return labels_text(&config->labels, arena);
	case LOCAL_VOLUMES:
		return arena_printf(arena, "%zu", config->volumes.n);
	case MOUNTS:
		return mounts_text(config, rows->whole, arena);
	case NAMES:
		return config->name;
	case NETWORKS:
		return networks_text(container, arena);
	case PORTS:
		return ports_text(container, arena);
	case RUNNING_FOR:
		return ago(config->created, arena);
	case SIZE:
		return size_text(rows, config, arena);
	case STATE:
		return status_name(container->status->kind);
	case STATUS:
		return container_status_text(container, arena);
	default:
		return extra_cell(container, field, arena);
	}
}

static const char *look_up(const void *row, const char *key, struct arena *arena)
{
	const struct engine_container *container = row;

	(void)arena;
	return labels_find(&container->config->labels, key);
}

const struct format_listing container_listing = {
	.fields = fields,
	.n_fields = N_FIELDS,
	.columns = columns,
	.n_columns = sizeof(columns) - 1,
	.cell = cell,
	.look_up = look_up,
};

const struct format_listing container_listing_sizes = {
	.fields = fields,
	.n_fields = N_FIELDS,
	.columns = columns,
	.n_columns = sizeof(columns),
	.cell = cell,
	.look_up = look_up,
};
