/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare system df: what images and containers take of the disk, in docker's tables; as JSON an
 * object a line with docker's names, and with --verbose one object of all.
 */
#include "cli/table.h"
#include "cli/tare/age.h"
#include "cli/tare/container_text.h"
#include "cli/tare/quantity.h"
#include "cli/tare/verb.h"
#include "engine/disk.h"
#include "image/reference.h"
#include "oci/json_text.h"

#include <inttypes.h>

enum { FORMAT_TABLE = 1, FORMAT_JSON };

struct df_args {
	int format;
	bool verbose;
};

static const struct opt options[] = {
	OPT_CHOICE(struct df_args, format, "format", 0, "table|json", "shape of the output"),
	OPT_FLAG(struct df_args, verbose, "verbose", 'v', "each image and each container"),
};

#define MAX_COLUMNS 8

/* A table: its head, whose JSON names are docker's, and its rows. */
struct df_table {
	const char *name;
	const char *heads[MAX_COLUMNS], *keys[MAX_COLUMNS];
};

enum { TYPE, TOTAL, ACTIVE, SIZE, FREE, TOTAL_COLUMNS };
enum { REPOSITORY, TAG, IMAGE_ID, IMAGE_CREATED, IMAGE_SIZE, SHARED, UNIQUE, USERS, IMAGE_COLUMNS };
enum { ID, IMAGE, COMMAND, CHANGES, CREATED, STATUS, NAMES, CONTAINER_COLUMNS };

static const struct df_table totals = {
	NULL,
	{ "TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE" },
	{ "Type", "TotalCount", "Active", "Size", "Reclaimable" },
};
static const struct df_table images = {
	"Images",
	{ "REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE",
	  "CONTAINERS" },
	{ "Repository", "Tag", "ID", "CreatedSince", "Size", "SharedSize", "UniqueSize",
	  "Containers" },
};
static const struct df_table containers = {
	"Containers",
	{ "CONTAINER ID", "IMAGE", "COMMAND", "SIZE", "CREATED", "STATUS", "NAMES" },
	{ "ID", "Image", "Command", "Size", "RunningFor", "Status", "Names" },
};

/* ------------------------------------------------------------------------------- cells */

static const char *size_text(uint64_t bytes, struct arena *arena)
{
	auto_buf struct buf text = {};

	quantity_size(&text, bytes);
	return arena_strdup(arena, buf_str(&text));
}

static void fill_total(const char **cells, const char *type, const struct disk_total *total,
		       struct arena *arena)
{
	cells[TYPE] = type;
	cells[TOTAL] = arena_printf(arena, "%zu", total->n);
	cells[ACTIVE] = arena_printf(arena, "%zu", total->n_active);
	cells[SIZE] = size_text(total->bytes, arena);
	cells[FREE] = arena_printf(arena, "%s (%" PRIu64 "%%)", size_text(total->free_bytes, arena),
				   total->bytes ? total->free_bytes * 100 / total->bytes : 0);
}

static void fill_image(const char **cells, const struct disk_image *one, struct arena *arena)
{
	const struct store_image *image = one->image;
	struct reference name;
	struct err ignored;

	cells[REPOSITORY] = cells[TAG] = "<none>";
	if (store_image_is_named(image) &&
	    reference_parse(image->reference, arena, &name, &ignored) == 0) {
		cells[REPOSITORY] = reference_familiar_repository(&name, arena);
		cells[TAG] = name.tag ? name.tag : "<none>";
	}
	cells[IMAGE_ID] = arena_strndup(arena, digest_hex(&image->config), 12);
	cells[IMAGE_CREATED] = age_ago(image->created, arena);
	cells[IMAGE_SIZE] = size_text(one->shared_bytes + one->unique_bytes, arena);
	cells[SHARED] = size_text(one->shared_bytes, arena);
	cells[UNIQUE] = size_text(one->unique_bytes, arena);
	cells[USERS] = arena_printf(arena, "%zu", one->n_containers);
}

static void fill_container(const char **cells, const struct disk_container *one,
			   struct arena *arena)
{
	const struct config *config = one->container->config;

	cells[ID] = arena_strndup(arena, config->id, 12);
	cells[IMAGE] = config->image ? config->image : config->rootfs;
	cells[COMMAND] = container_command_text(config, false, arena);
	cells[CHANGES] = size_text(one->bytes, arena);
	cells[CREATED] = arena_printf(arena, "%s ago", age_since(config->created, arena));
	cells[STATUS] = container_status_text(one->container, arena);
	cells[NAMES] = config->name;
}

/* ------------------------------------------------------------------------------- shapes */

static void add_object(struct buf *out, const struct df_table *table, const char *const *cells,
		       size_t n_columns)
{
	buf_puts(out, "{");
	for (size_t i = 0; i < n_columns; i++) {
		buf_printf(out, "%s\"%s\":", i ? "," : "", table->keys[i]);
		json_text_quote(out, cells[i]);
	}
}

static void add_raw(struct buf *out, const char *key, uint64_t bytes)
{
	buf_printf(out, ",\"%s\":%" PRIu64, key, bytes);
}

static void print_totals(const struct call *call, const struct disk *disk, struct buf *out)
{
	const struct df_args *args = call->args;
	const struct disk_total *each[] = { &disk->image_total, &disk->container_total };
	const char *names[] = { "Images", "Containers" };
	const char *cells[3 * TOTAL_COLUMNS];

	for (size_t i = 0; i < TOTAL_COLUMNS; i++)
		cells[i] = totals.heads[i];
	for (size_t i = 0; i < 2; i++) {
		const char **row = cells + (i + 1) * TOTAL_COLUMNS;

		fill_total(row, names[i], each[i], call->arena);
		if (args->format != FORMAT_JSON)
			continue;
		add_object(out, &totals, row, TOTAL_COLUMNS);
		add_raw(out, "RawSize", each[i]->bytes);
		add_raw(out, "RawReclaimable", each[i]->free_bytes);
		buf_puts(out, "}\n");
	}
	if (args->format != FORMAT_JSON)
		table_format(cells, TOTAL_COLUMNS, 3, 0, out);
}

/* Room for a table of `n` rows and its head, which is filled. */
static const char **begin_table(const struct df_table *table, size_t n_columns, size_t n,
				struct arena *arena)
{
	const char **cells = arena_array(arena, const char *, (n + 1) * n_columns);

	for (size_t i = 0; i < n_columns; i++)
		cells[i] = table->heads[i];
	return cells;
}

static void print_table(const struct df_table *table, const char *const *cells, size_t n_columns,
			size_t n, struct buf *out)
{
	buf_printf(out, "%s%s space usage:\n\n", out->len ? "\n" : "", table->name);
	table_format(cells, n_columns, n + 1, 0, out);
}

static void print_each(const struct call *call, const struct disk *disk, struct buf *out)
{
	const char **cells =
		begin_table(&images, IMAGE_COLUMNS, disk->n_images, call->arena);

	for (size_t i = 0; i < disk->n_images; i++)
		fill_image(cells + (i + 1) * IMAGE_COLUMNS, &disk->images[i], call->arena);
	print_table(&images, cells, IMAGE_COLUMNS, disk->n_images, out);
	cells = begin_table(&containers, CONTAINER_COLUMNS, disk->n_containers, call->arena);
	for (size_t i = 0; i < disk->n_containers; i++)
		fill_container(cells + (i + 1) * CONTAINER_COLUMNS, &disk->containers[i],
			       call->arena);
	print_table(&containers, cells, CONTAINER_COLUMNS, disk->n_containers, out);
}

static void print_each_json(const struct call *call, const struct disk *disk, struct buf *out)
{
	const char *cells[MAX_COLUMNS];

	buf_puts(out, "{\"Images\":[");
	for (size_t i = 0; i < disk->n_images; i++) {
		buf_puts(out, i ? "," : "");
		fill_image(cells, &disk->images[i], call->arena);
		add_object(out, &images, cells, IMAGE_COLUMNS);
		add_raw(out, "RawSharedSize", disk->images[i].shared_bytes);
		add_raw(out, "RawUniqueSize", disk->images[i].unique_bytes);
		buf_puts(out, "}");
	}
	buf_puts(out, "],\"Containers\":[");
	for (size_t i = 0; i < disk->n_containers; i++) {
		buf_puts(out, i ? "," : "");
		fill_container(cells, &disk->containers[i], call->arena);
		add_object(out, &containers, cells, CONTAINER_COLUMNS);
		add_raw(out, "RawSize", disk->containers[i].bytes);
		buf_puts(out, "}");
	}
	buf_puts(out, "]}\n");
}

static int run(const struct call *call, struct err *err)
{
	const struct df_args *args = call->args;
	auto_buf struct buf out = {};
	struct disk disk;
	int r = engine_disk(call_engine(call), call->arena, &disk, err);

	if (r < 0)
		return r;
	if (!args->verbose)
		print_totals(call, &disk, &out);
	else if (args->format == FORMAT_JSON)
		print_each_json(call, &disk, &out);
	else
		print_each(call, &disk, &out);
	return print_buf(&out, err);
}

const struct verb verb_system_df = {
	.command = {
		.name = "df",
		.summary = "Say what images and containers take of the disk",
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct df_args),
	.run = run,
};
