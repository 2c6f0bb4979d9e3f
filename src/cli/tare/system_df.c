/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare system df: what images and containers take of the disk, in docker's tables or as a template
 * has it; as JSON an object a line with docker's names, and with --verbose one object of all.
 */
#include "cli/format.h"
#include "cli/table.h"
#include "cli/tare/age.h"
#include "cli/tare/container_text.h"
#include "cli/tare/quantity.h"
#include "cli/tare/verb.h"
#include "engine/disk.h"
#include "image/reference.h"
#include "oci/json_text.h"

#include <inttypes.h>
#include <string.h>

struct df_args {
	const char *format;
	bool verbose;
};

static const struct opt options[] = {
	OPT_STRING(struct df_args, format, "format", 0, FORMAT_WORDS, "shape of the output"),
	OPT_FLAG(struct df_args, verbose, "verbose", 'v', "each image and each container"),
};

#define MAX_COLUMNS 8

/* A table: its head, whose JSON names are docker's, and its rows. */
struct df_table {
	const char *name;
	const char *heads[MAX_COLUMNS], *keys[MAX_COLUMNS];
};

enum { REPOSITORY, TAG, IMAGE_ID, IMAGE_CREATED, IMAGE_SIZE, SHARED, UNIQUE, USERS, IMAGE_COLUMNS };
enum { ID, IMAGE, COMMAND, CHANGES, CREATED, STATUS, NAMES, CONTAINER_COLUMNS };

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

/* ------------------------------------------------------------------------------- totals */

/* In the order of docker's JSON. */
enum {
	ACTIVE, RECLAIMABLE, TOTAL_SIZE, TOTAL_COUNT, TYPE, RAW_SIZE, RAW_RECLAIMABLE,
	TOTAL_FIELDS,
};

static const struct format_field total_fields[TOTAL_FIELDS] = {
	[ACTIVE] = { "Active", "ACTIVE", 0 },
	[RECLAIMABLE] = { "Reclaimable", "RECLAIMABLE", 0 },
	[TOTAL_SIZE] = { "Size", "SIZE", 0 },
	[TOTAL_COUNT] = { "TotalCount", "TOTAL", 0 },
	[TYPE] = { "Type", "TYPE", 0 },
	/* podman's */
	[RAW_SIZE] = { "RawSize", "RAW SIZE", FORMAT_NUMBER },
	[RAW_RECLAIMABLE] = { "RawReclaimable", "RAW RECLAIMABLE", FORMAT_NUMBER },
};

static const unsigned char total_columns[] = { TYPE, TOTAL_COUNT, ACTIVE, TOTAL_SIZE, RECLAIMABLE };

struct total_row {
	const char *type;
	const struct disk_total *total;
};

static const char *total_cell(const void *row, size_t field, const void *context,
			      struct arena *arena)
{
	const struct disk_total *total = ((const struct total_row *)row)->total;

	(void)context;
	switch (field) {
	case ACTIVE:
		return arena_printf(arena, "%zu", total->n_active);
	case RECLAIMABLE:
		return arena_printf(arena, "%s (%" PRIu64 "%%)",
				    size_text(total->free_bytes, arena),
				    total->bytes ? total->free_bytes * 100 / total->bytes : 0);
	case TOTAL_SIZE:
		return size_text(total->bytes, arena);
	case TOTAL_COUNT:
		return arena_printf(arena, "%zu", total->n);
	case TYPE:
		return ((const struct total_row *)row)->type;
	default:
		return arena_printf(arena, "%" PRIu64,
				    field == RAW_SIZE ? total->bytes : total->free_bytes);
	}
}

static const struct format_listing totals = {
	.fields = total_fields,
	.n_fields = TOTAL_FIELDS,
	.columns = total_columns,
	.n_columns = sizeof(total_columns),
	.cell = total_cell,
};

static int print_totals(const struct call *call, const struct disk *disk, struct buf *out,
			struct err *err)
{
	const struct df_args *args = call->args;
	const struct total_row rows[] = { { "Images", &disk->image_total },
					  { "Containers", &disk->container_total } };
	auto_format struct format format = {};
	int r = format_open(&format, &totals, args->format, NULL, call->arena, err);

	for (size_t i = 0; r == 0 && i < 2; i++)
		r = format_row(&format, &rows[i], err);
	if (r == 0)
		format_finish(&format, out);
	return r;
}

/* ------------------------------------------------------------------------------- each */

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

/* All of images and of containers is more than one kind of row. */
static int print_verbose(const struct call *call, const struct disk *disk, struct buf *out,
			 struct err *err)
{
	const char *format = ((const struct df_args *)call->args)->format;

	if (!format || !*format || strcmp(format, "table") == 0)
		print_each(call, disk, out);
	else if (strcmp(format, "json") == 0)
		print_each_json(call, disk, out);
	else
		return err_set(err, ERR_USAGE, EINVAL,
			       "--format '%.64s' and --verbose do not go together", format);
	return 0;
}

static int run(const struct call *call, struct err *err)
{
	const struct df_args *args = call->args;
	auto_buf struct buf out = {};
	struct disk disk;
	int r = engine_disk(call_engine(call), call->arena, &disk, err);

	if (r == 0)
		r = args->verbose ? print_verbose(call, &disk, &out, err)
				  : print_totals(call, &disk, &out, err);
	return r < 0 ? r : print_buf(&out, err);
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
