/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare stats: what containers use, every second, for people, as JSON, or as a template has it. A
 * terminal shows the latest table in place of the one before; elsewhere the rows go on below each
 * other. --json is ours and has numbers; --format json is docker's and has docker's texts.
 *
 * The use of processors is a difference of two looks, so the first round takes two, not far apart.
 */
#include "base/cleanup.h"
#include "cli/format.h"
#include "cli/tare/quantity.h"
#include "cli/tare/verb.h"
#include "oci/json_text.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define SHORT_NS (250 * 1000000L)
#define ROUND_NS (1000 * 1000000L)

#define FIRST_LINE "\033[H\033[J" /* the cursor goes home, and what was below it goes */

struct stats_args {
	const char *format;
	bool all, json, no_stream, no_trunc;
};

static const struct opt options[] = {
	OPT_FLAG(struct stats_args, all, "all", 'a', "those that have ended too"),
	OPT_FLAG(struct stats_args, no_stream, "no-stream", 0, "print once and end"),
	OPT_FLAG(struct stats_args, json, "json", 0, "print an array a round, exact numbers in it"),
	OPT_FLAG(struct stats_args, no_trunc, "no-trunc", 0, "cut nothing short"),
	OPT_STRING(struct stats_args, format, "format", 0, FORMAT_WORDS, "shape of the output"),
};

/* ------------------------------------------------------------------------------- for people */

/* In the order of docker's JSON. */
enum { BLOCK_IO, CPU, CONTAINER, ID, MEMORY_PCT, MEMORY, NAME, NETWORK, PIDS, PRESSURE, N_FIELDS };

static const struct format_field fields[N_FIELDS] = {
	[BLOCK_IO] = { "BlockIO", "BLOCK I/O", 0 },
	[CPU] = { "CPUPerc", "CPU %", 0 },
	[CONTAINER] = { "Container", "CONTAINER", 0 },
	[ID] = { "ID", "CONTAINER ID", 0 },
	[MEMORY_PCT] = { "MemPerc", "MEM %", 0 },
	[MEMORY] = { "MemUsage", "MEM USAGE / LIMIT", 0 },
	[NAME] = { "Name", "NAME", 0 },
	[NETWORK] = { "NetIO", "NET I/O", 0 },
	[PIDS] = { "PIDs", "PIDS", 0 },
	[PRESSURE] = { "Pressure", "PRESSURE CPU / MEM / IO", 0 },
};

#define COLUMNS ID, NAME, CPU, MEMORY, MEMORY_PCT, NETWORK, BLOCK_IO, PIDS
static const unsigned char columns[] = { COLUMNS }, pressure_columns[] = { COLUMNS, PRESSURE };

#define UNKNOWN "--"

static const char *bytes_pair(struct arena *arena, uint64_t one, uint64_t other)
{
	auto_buf struct buf text = {};

	quantity_bytes(&text, one);
	buf_puts(&text, " / ");
	quantity_bytes(&text, other);
	return arena_strdup(arena, buf_str(&text));
}

static const char *processes_text(struct arena *arena, const struct rt_usage *now)
{
	if (!now->processes_limit)
		return arena_printf(arena, "%ju", (uintmax_t)now->processes);
	return arena_printf(arena, "%ju / %ju", (uintmax_t)now->processes,
			    (uintmax_t)now->processes_limit);
}

static double memory_pct(const struct rt_usage *now)
{
	return now->memory_limit_bytes
		       ? 100 * (double)now->memory_bytes / (double)now->memory_limit_bytes
		       : 0;
}

static bool has_pressure(const struct rt_usage *now)
{
	return now->cpu_pressure.is_set || now->memory_pressure.is_set || now->io_pressure.is_set;
}

static const char *pressure_text(struct arena *arena, const struct rt_usage *now)
{
	if (!has_pressure(now))
		return UNKNOWN;
	return arena_printf(arena, "%.2f%% / %.2f%% / %.2f%%", now->cpu_pressure.some_pct,
			    now->memory_pressure.some_pct, now->io_pressure.some_pct);
}

static const char *known_cell(const struct engine_usage *usage, size_t field, struct arena *arena)
{
	const struct rt_usage *now = &usage->now;

	switch (field) {
	case CPU:
		return arena_printf(arena, "%.2f%%", usage->cpu_pct);
	case MEMORY:
		return bytes_pair(arena, now->memory_bytes, now->memory_limit_bytes);
	case MEMORY_PCT:
		return arena_printf(arena, "%.2f%%", memory_pct(now));
	case NETWORK:
		return usage->has_network
			       ? bytes_pair(arena, now->received_bytes, now->sent_bytes)
			       : UNKNOWN;
	case BLOCK_IO:
		return bytes_pair(arena, now->read_bytes, now->written_bytes);
	case PIDS:
		return processes_text(arena, now);
	default:
		return pressure_text(arena, now);
	}
}

static const char *cell(const void *row, size_t field, const void *context, struct arena *arena)
{
	const struct stats_args *args = context;
	const struct engine_usage *usage = row;
	const char *id = usage->config->id;

	if (field == NAME)
		return usage->config->name;
	if (field == CONTAINER && usage->who)
		return usage->who;
	if (field == ID || field == CONTAINER)
		return args->no_trunc ? id : arena_strndup(arena, id, 12);
	return usage->is_running ? known_cell(usage, field, arena) : UNKNOWN;
}

#define LISTING(of)                                                                  \
	{ .fields = fields, .n_fields = N_FIELDS, .columns = (of), .n_columns = sizeof(of), \
	  .cell = cell }
static const struct format_listing listing = LISTING(columns);
static const struct format_listing pressure_listing = LISTING(pressure_columns);

/* The last column is there if the kernel tells of pressure at all. */
static const struct format_listing *choose_listing(const struct engine_usage *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (has_pressure(&list[i].now))
			return &pressure_listing;
	return &listing;
}

static int format_list(const struct stats_args *args, const struct engine_usage *list, size_t n,
		       struct arena *arena, struct buf *out, struct err *err)
{
	auto_format struct format format = {};
	int r = format_open(&format, choose_listing(list, n), args->format, args, arena, err);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = format_row(&format, &list[i], err);
	if (r == 0)
		format_finish(&format, out);
	return r;
}

/* ------------------------------------------------------------------------------- for programs */

static void add_pressure(const struct rt_usage *now, struct buf *out)
{
	const struct {
		const char *name;
		const struct rt_pressure *pressure;
	} kinds[] = {
		{ "cpu", &now->cpu_pressure },
		{ "memory", &now->memory_pressure },
		{ "io", &now->io_pressure },
	};
	const char *comma = "";

	if (!has_pressure(now))
		return;
	buf_puts(out, ",\"pressurePct\":{");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].pressure->is_set) {
			buf_printf(out, "%s\"%s\":%.2f", comma, kinds[i].name,
				   kinds[i].pressure->some_pct);
			comma = ",";
		}
	buf_puts(out, "}");
}

static void add_pair(struct buf *out, const char *name, const char *one, uint64_t value,
		     const char *other, uint64_t other_value)
{
	buf_printf(out, ",\"%s\":{\"%s\":%ju", name, one, (uintmax_t)value);
	if (other)
		buf_printf(out, ",\"%s\":%ju", other, (uintmax_t)other_value);
	buf_puts(out, "}");
}

static void format_object(const struct engine_usage *usage, struct buf *out)
{
	const struct rt_usage *now = &usage->now;

	buf_printf(out, "{\"id\":\"%s\",\"name\":", usage->config->id);
	json_text_quote(out, usage->config->name);
	buf_printf(out, ",\"running\":%s", usage->is_running ? "true" : "false");
	if (usage->is_running) {
		buf_printf(out, ",\"cpuPct\":%.2f,\"cpuUsedNs\":%ju", usage->cpu_pct,
			   (uintmax_t)now->cpu_ns);
		add_pair(out, "memoryBytes", "used", now->memory_bytes, "limit",
			 now->memory_limit_bytes);
		buf_printf(out, ",\"memoryPct\":%.2f", memory_pct(now));
		if (usage->has_network)
			add_pair(out, "networkBytes", "received", now->received_bytes, "sent",
				 now->sent_bytes);
		add_pair(out, "diskBytes", "read", now->read_bytes, "written", now->written_bytes);
		add_pair(out, "processes", "used", now->processes,
			 now->processes_limit ? "limit" : NULL, now->processes_limit);
		add_pressure(now, out);
	}
	buf_puts(out, "}");
}

static void format_json(const struct engine_usage *list, size_t n, struct buf *out)
{
	buf_puts(out, "[");
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i ? "," : "");
		format_object(&list[i], out);
	}
	buf_puts(out, "]\n");
}

/* ------------------------------------------------------------------------------- rounds */

static bool is_table(const struct stats_args *args)
{
	return !args->format || !*args->format || strncmp(args->format, "table", 5) == 0;
}

static int print_round(const struct call *call, const struct engine_usage *list, size_t n,
		       bool is_first, struct err *err)
{
	const struct stats_args *args = call->args;
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {}, text = {};
	const char *rows;
	int r;

	if (args->json) {
		format_json(list, n, &out);
		return print_buf(&out, err);
	}
	r = format_list(args, list, n, &arena, &text, err);
	if (r < 0)
		return r;
	rows = buf_str(&text);
	if (is_table(args) && !args->no_stream && isatty(STDOUT_FILENO))
		buf_puts(&out, FIRST_LINE);
	else if (is_table(args) && !is_first)
		rows = strchr(rows, '\n') + 1;
	buf_puts(&out, rows);
	return print_buf(&out, err);
}

static void pause_ns(long ns)
{
	const struct timespec time = { ns / 1000000000, ns % 1000000000 };

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

/* Returns 1 when all that were named are gone. */
static int go_round(const struct call *call, struct engine_stats *stats, bool is_first,
		    struct err *err)
{
	auto_arena struct arena arena = {};
	struct engine_usage *list = NULL;
	size_t n = 0;
	int r = engine_stats_look(stats, &arena, &list, &n, err);

	if (r < 0 || (!is_first && n == 0 && call->operands[0]))
		return r < 0 ? r : 1;
	if (is_first && n > 0) {
		pause_ns(SHORT_NS);
		r = engine_stats_look(stats, &arena, &list, &n, err);
	}
	return r < 0 ? r : print_round(call, list, n, is_first, err);
}

static int run(const struct call *call, struct err *err)
{
	const struct stats_args *args = call->args;
	struct engine_stats *stats = NULL;
	int r = engine_stats_new(call_engine(call), call->operands, args->all, &stats, err);

	if (r < 0)
		return r;
	r = go_round(call, stats, true, err);
	while (r == 0 && !args->no_stream) {
		pause_ns(ROUND_NS);
		r = go_round(call, stats, false, err);
	}
	engine_stats_free(stats);
	return r < 0 ? r : 0;
}

const struct verb verb_stats = {
	.command = {
		.name = "stats",
		.operands = "[CONTAINER...]",
		.summary = "Show what containers use, every second",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct stats_args),
	.run = run,
};
