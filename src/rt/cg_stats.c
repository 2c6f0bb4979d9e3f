/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statistics: reading the kinds of files that hold them, and writing the whole as JSON. Which file
 * means what is in each controller's own room.
 *
 * The JSON has the names, the units and the omissions that readers of runc's `events` know.
 */
#include "base/num.h"
#include "rt/cg.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------- reading */

uint64_t cg_stat(int dir_fd, const char *file, uint64_t otherwise)
{
	uint64_t value;

	return cgroupfs_read_u64(dir_fd, file, &value) < 0 ? otherwise : value;
}

size_t cg_stat_named(int dir_fd, const char *file, struct arena *arena, struct cgroup_named **ret)
{
	auto_buf struct buf text = {};
	size_t lines = 1, n = 0;
	char *rest, *line;

	*ret = NULL;
	if (cgroupfs_read_buf(dir_fd, file, &text) < 0)
		return 0;
	for (const char *c = buf_str(&text); *c; c++)
		lines += *c == '\n';
	*ret = arena_array(arena, struct cgroup_named, lines);
	rest = text.data;
	while (rest && (line = strsep(&rest, "\n"))) {
		const char *name = strsep(&line, " ");

		if (!line || num_parse_u64(line, &(*ret)[n].value) < 0)
			continue;
		(*ret)[n++].name = arena_strdup(arena, name);
	}
	return n;
}

uint64_t cg_named(const struct cgroup_named *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return list[i].value;
	return 0;
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
static bool parse_psi_line(const char *text, const char *kind, struct cgroup_psi_line *ret)
{
	const char *at = strstr(text, kind);
	unsigned long long total;

	if (!at || sscanf(at + strlen(kind), " avg10=%lf avg60=%lf avg300=%lf total=%llu",
			  &ret->avg10, &ret->avg60, &ret->avg300, &total) != 4)
		return false;
	ret->total_us = total;
	return true;
}

void cg_stat_psi(int dir_fd, const char *file, struct cgroup_psi *psi)
{
	char text[256];

	/* where accounting is off the file is there and can't be read */
	if (cgroupfs_read(dir_fd, file, text, sizeof(text)) <= 0)
		return;
	psi->is_set = parse_psi_line(text, "some", &psi->some);
	(void)parse_psi_line(text, "full", &psi->full);
}

/* ------------------------------------------------------------------------------- JSON */

/* Open an object or add a member: commas go where there is something before. */
static void comma(struct buf *out)
{
	char last = out->len ? out->data[out->len - 1] : '{';

	if (last != '{' && last != '[')
		buf_puts(out, ",");
}

static void open_object(struct buf *out, const char *name)
{
	comma(out);
	buf_printf(out, "\"%s\":{", name);
}

static void close_object(struct buf *out)
{
	buf_puts(out, "}");
}

static void put(struct buf *out, const char *name, uint64_t value)
{
	comma(out);
	buf_printf(out, "\"%s\":%llu", name, (unsigned long long)value);
}

static void put_nonzero(struct buf *out, const char *name, uint64_t value)
{
	if (value)
		put(out, name, value);
}

static void put_list(struct buf *out, const char *name, const uint64_t *v, size_t n)
{
	if (n == 0)
		return;
	comma(out);
	buf_printf(out, "\"%s\":[", name);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%llu", i ? "," : "", (unsigned long long)v[i]);
	buf_puts(out, "]");
}

static void put_psi_line(struct buf *out, const char *name, const struct cgroup_psi_line *line)
{
	open_object(out, name);
	buf_printf(out, "\"avg10\":%.2f,\"avg60\":%.2f,\"avg300\":%.2f", line->avg10, line->avg60,
		   line->avg300);
	put(out, "total", line->total_us);
	close_object(out);
}

static void put_psi(struct buf *out, const struct cgroup_psi *psi)
{
	if (!psi->is_set)
		return;
	open_object(out, "psi");
	put_psi_line(out, "some", &psi->some);
	put_psi_line(out, "full", &psi->full);
	close_object(out);
}

static void put_cpu(struct buf *out, const struct cgroup_cpu_stats *cpu)
{
	open_object(out, "cpu");
	open_object(out, "usage");
	put_nonzero(out, "total", cpu->total_ns);
	put_list(out, "percpu", cpu->percpu_ns, cpu->n_cpus);
	put_list(out, "percpu_kernel", cpu->percpu_kernel_ns, cpu->n_cpus);
	put_list(out, "percpu_user", cpu->percpu_user_ns, cpu->n_cpus);
	put(out, "kernel", cpu->kernel_ns);
	put(out, "user", cpu->user_ns);
	close_object(out);
	open_object(out, "throttling");
	put_nonzero(out, "periods", cpu->periods);
	put_nonzero(out, "throttledPeriods", cpu->throttled_periods);
	put_nonzero(out, "throttledTime", cpu->throttled_ns);
	close_object(out);
	put_psi(out, &cpu->psi);
	close_object(out);
}

/* "0-2,5" as [0,1,2,5]. The kernel wrote it; 65536 bounds what a broken one could ask for. */
static void put_ranges(struct buf *out, const char *name, const char *list)
{
	unsigned first, last;
	int len;

	if (!list || !*list)
		return;
	comma(out);
	buf_printf(out, "\"%s\":[", name);
	for (; sscanf(list, "%u%n", &first, &len) == 1; list += *list == ',') {
		list += len;
		last = first;
		if (*list == '-' && sscanf(list, "-%u%n", &last, &len) == 1)
			list += len;
		for (unsigned i = first; i <= last && i < 65536; i++) {
			comma(out);
			buf_printf(out, "%u", i);
		}
	}
	buf_puts(out, "]");
}

static void put_cpuset(struct buf *out, const struct cgroup_stats *stats)
{
	open_object(out, "cpuset");
	put_ranges(out, "cpus", stats->cpus);
	put_ranges(out, "mems", stats->mems);
	close_object(out);
}

static void put_usage(struct buf *out, const char *name, const struct cgroup_usage *usage)
{
	open_object(out, name);
	put(out, "limit", usage->limit);
	put_nonzero(out, "usage", usage->usage);
	put_nonzero(out, "max", usage->max);
	put(out, "failcnt", usage->failcnt);
	close_object(out);
}

static void put_memory(struct buf *out, const struct cgroup_memory_stats *mem)
{
	open_object(out, "memory");
	put_nonzero(out, "cache", mem->cache);
	put_usage(out, "usage", &mem->usage);
	put_usage(out, "swap", &mem->swap);
	put_usage(out, "kernel", &mem->kernel);
	put_usage(out, "kernelTCP", &mem->kernel_tcp);
	if (mem->n_raw) {
		open_object(out, "raw");
		for (size_t i = 0; i < mem->n_raw; i++)
			put(out, mem->raw[i].name, mem->raw[i].value);
		close_object(out);
	}
	put_psi(out, &mem->psi);
	close_object(out);
}

static void put_io_list(struct buf *out, const char *name, const struct cgroup_io_list *list)
{
	if (list->n == 0)
		return;
	comma(out);
	buf_printf(out, "\"%s\":[", name);
	for (size_t i = 0; i < list->n; i++) {
		comma(out);
		buf_puts(out, "{");
		put_nonzero(out, "major", list->v[i].major);
		put_nonzero(out, "minor", list->v[i].minor);
		if (*list->v[i].op) {
			comma(out);
			buf_printf(out, "\"op\":\"%s\"", list->v[i].op);
		}
		put_nonzero(out, "value", list->v[i].value);
		buf_puts(out, "}");
	}
	buf_puts(out, "]");
}

static void put_io(struct buf *out, const struct cgroup_stats *stats)
{
	static const char *const names[CGROUP_IO_KIND_MAX_] = {
		[CGROUP_IO_BYTES]        = "ioServiceBytesRecursive",
		[CGROUP_IO_SERVICED]     = "ioServicedRecursive",
		[CGROUP_IO_QUEUED]       = "ioQueueRecursive",
		[CGROUP_IO_SERVICE_TIME] = "ioServiceTimeRecursive",
		[CGROUP_IO_WAIT_TIME]    = "ioWaitTimeRecursive",
		[CGROUP_IO_MERGED]       = "ioMergedRecursive",
		[CGROUP_IO_TIME]         = "ioTimeRecursive",
		[CGROUP_IO_SECTORS]      = "sectorsRecursive",
	};

	open_object(out, "blkio");
	for (int i = 0; i < CGROUP_IO_KIND_MAX_; i++)
		put_io_list(out, names[i], &stats->io[i]);
	put_psi(out, &stats->io_psi);
	close_object(out);
}

static void put_hugetlb(struct buf *out, const struct cgroup_stats *stats)
{
	open_object(out, "hugetlb");
	for (size_t i = 0; i < stats->n_hugetlb; i++) {
		const struct cgroup_usage *usage = &stats->hugetlb[i].usage;

		open_object(out, stats->hugetlb[i].page_size);
		put_nonzero(out, "usage", usage->usage);
		put_nonzero(out, "max", usage->max);
		put(out, "failcnt", usage->failcnt);
		close_object(out);
	}
	close_object(out);
}

void cgroup_stats_format(const struct cgroup_stats *stats, struct buf *out)
{
	buf_puts(out, "{");
	put_cpu(out, &stats->cpu);
	put_cpuset(out, stats);
	put_memory(out, &stats->memory);
	open_object(out, "pids");
	put_nonzero(out, "current", stats->pids_current);
	put_nonzero(out, "limit", stats->pids_limit);
	close_object(out);
	put_io(out, stats);
	put_hugetlb(out, stats);
	close_object(out);
}
