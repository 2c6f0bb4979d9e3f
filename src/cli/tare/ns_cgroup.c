/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control groups of a process, in words: where it is, mostly the same path in all hierarchies,
 * and what of each thing there is and may be.
 */
#include "base/utf8.h"
#include "cli/tare/ns.h"
#include "cli/tare/quantity.h"

#include <stdint.h>
#include <string.h>

#define LABEL_COLUMNS 11
#define WIDE_FROM     0x1100 /* from here on a character may take two columns */

/* `text` behind the label, folded where a line is full. */
static void add_folded(const char *text, struct buf *out)
{
	auto_buf struct buf shown = {};
	size_t used = LABEL_COLUMNS;

	(void)utf8_add_printable(&shown, text, SIZE_MAX);
	for (const char *p = buf_str(&shown); *p;) {
		uint32_t code = 0;
		size_t len = utf8_decode(p, &code), wide = code < WIDE_FROM ? 1 : 2;

		if (used + wide > NS_COLUMNS) {
			buf_printf(out, "\n%*s", LABEL_COLUMNS, "");
			used = LABEL_COLUMNS;
		}
		buf_add(out, p, len);
		used += wide;
		p += len;
	}
	buf_puts(out, "\n");
}

static bool is_at(const struct nsview_group *group, const char *path)
{
	return strcmp(group->path, path) == 0;
}

/* How many hierarchies have the path of group `i`; 0 when one before it has it too. */
static size_t count_same(const struct nsview_cgroup *cgroup, size_t i)
{
	const char *path = cgroup->groups.v[i].path;
	size_t n = 0;

	for (size_t k = 0; k < cgroup->groups.n; k++) {
		n += is_at(&cgroup->groups.v[k], path);
		if (k < i && is_at(&cgroup->groups.v[k], path))
			return 0;
	}
	return n;
}

/* "/a/b (memory, pids)" */
static void add_path(const struct nsview_cgroup *cgroup, size_t i, bool is_most, struct buf *out)
{
	const char *path = cgroup->groups.v[i].path;
	auto_buf struct buf text = {};
	bool is_first = true;

	buf_puts(&text, path);
	for (size_t k = 0; k < cgroup->groups.n && !is_most; k++) {
		const char *name = cgroup->groups.v[k].hierarchy;

		if (!is_at(&cgroup->groups.v[k], path))
			continue;
		buf_printf(&text, "%s%s", is_first ? " (" : ", ", *name ? name : "v2");
		is_first = false;
	}
	buf_puts(&text, is_most ? "" : ")");
	add_folded(buf_str(&text), out);
}

/* The path that most hierarchies have, by itself; then the others with the names of theirs. */
static void add_paths(const struct nsview_cgroup *cgroup, struct buf *out)
{
	size_t most = 0, n = 0;

	for (size_t i = 0; i < cgroup->groups.n; i++)
		if (count_same(cgroup, i) > n) {
			most = i;
			n = count_same(cgroup, i);
		}
	add_path(cgroup, most, true, out);
	for (size_t i = 0; i < cgroup->groups.n; i++)
		if (i != most && count_same(cgroup, i)) {
			buf_printf(out, "%*s", LABEL_COLUMNS, "");
			add_path(cgroup, i, false, out);
		}
}

static void add_number(struct buf *out, uint64_t n)
{
	buf_printf(out, "%llu", (unsigned long long)n);
}

static void add_usage(const char *label, const struct nsview_usage *usage,
		      void (*words)(struct buf *out, uint64_t value), struct buf *out)
{
	if (!usage->used.is_set && !usage->limit.is_set)
		return;
	buf_printf(out, "%-*s", LABEL_COLUMNS, label);
	words(out, usage->used.value);
	buf_puts(out, usage->limit.is_set ? " of " : ", no limit");
	if (usage->limit.is_set)
		words(out, usage->limit.value);
	buf_puts(out, "\n");
}

static void add_cpu(const struct nsview_cgroup *cgroup, struct buf *out)
{
	if (!cgroup->cpu_used_ns.is_set && !cgroup->cpu_quota_us.is_set)
		return;
	buf_printf(out, "%-*s", LABEL_COLUMNS, "cpu");
	if (cgroup->cpu_quota_us.is_set)
		quantity_cpus(out, cgroup->cpu_quota_us.value, cgroup->cpu_period_us.value);
	else
		buf_puts(out, "no limit");
	buf_puts(out, ", ");
	quantity_cpu_time(out, cgroup->cpu_used_ns.value);
	buf_puts(out, " used\n");
}

void ns_cgroup_format(const struct nsview_cgroup *cgroup, struct buf *out)
{
	buf_printf(out, "\n%-*s", LABEL_COLUMNS, "CGROUP");
	if (cgroup->groups.n)
		add_paths(cgroup, out);
	else
		add_folded(cgroup->unreadable ? cgroup->unreadable : "unreadable", out);
	add_usage("memory", &cgroup->memory_bytes, quantity_bytes, out);
	add_usage("processes", &cgroup->processes, add_number, out);
	add_cpu(cgroup, out);
	if (cgroup->cpus) {
		buf_printf(out, "%-*s", LABEL_COLUMNS, "cpus");
		add_folded(cgroup->cpus, out);
	}
}
