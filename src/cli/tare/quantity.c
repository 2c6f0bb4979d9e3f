/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two digits say enough: a person compares, and who calculates asks for --json. One decimal below a
 * hundred, unless it is 0.
 */
#include "cli/tare/quantity.h"

#include <stdio.h>
#include <string.h>

/* `value` / `unit` with at most one decimal, rounded to the nearest. */
static void add_decimal(struct buf *out, uint64_t value, uint64_t unit)
{
	uint64_t whole = value / unit, tenths = (value % unit * 10 + unit / 2) / unit;

	if (tenths == 10) {
		whole++;
		tenths = 0;
	}
	if (tenths && whole < 100)
		buf_printf(out, "%llu.%llu", (unsigned long long)whole, (unsigned long long)tenths);
	else
		buf_printf(out, "%llu", (unsigned long long)whole + (tenths >= 5));
}

void quantity_bytes(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	size_t i = 0;

	for (uint64_t rest = bytes; rest >= 1024 && i < 6; rest /= 1024)
		i++;
	add_decimal(out, bytes, (uint64_t)1 << 10 * i);
	buf_printf(out, " %s", units[i]);
}

void quantity_size(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double size = (double)bytes;
	size_t i = 0;

	for (; size >= 1000 && i < 6; i++)
		size /= 1000;
	buf_printf(out, "%.3g%s", size, units[i]);
}

void quantity_count(struct buf *out, uint64_t n, const char *one, const char *many)
{
	buf_printf(out, "%llu %s", (unsigned long long)n, n == 1 ? one : many);
}

void quantity_age(struct buf *out, uint64_t seconds)
{
	static const struct {
		uint64_t seconds;
		const char *one, *many;
	} units[] = {
		{ 86400, "day", "days" },
		{ 3600, "hour", "hours" },
		{ 60, "minute", "minutes" },
		{ 1, "second", "seconds" },
	};
	size_t i = 0;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	quantity_count(out, seconds / units[i].seconds, units[i].one, units[i].many);
}

void quantity_cpu_time(struct buf *out, uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = {
		{ 3600000000000, "h" }, { 60000000000, "min" }, { 1000000000, "s" },
		{ 1000000, "ms" },      { 1000, "us" },
	};
	size_t i = 0;

	while (i < 4 && ns < units[i].ns)
		i++;
	add_decimal(out, ns, units[i].ns);
	buf_printf(out, " %s", units[i].name);
}

void quantity_cpus(struct buf *out, uint64_t quota_us, uint64_t period_us)
{
	static const struct {
		uint64_t parts, of;
		const char *words;
	} known[] = {
		{ 1, 1, "one cpu" },
		{ 1, 2, "half of one cpu" },
		{ 1, 4, "a quarter of one cpu" },
		{ 3, 4, "three quarters of one cpu" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (quota_us * known[i].of == period_us * known[i].parts) {
			buf_puts(out, known[i].words);
			return;
		}
	if (quota_us < period_us) {
		add_decimal(out, quota_us * 100, period_us ? period_us : 1);
		buf_puts(out, "% of one cpu");
		return;
	}
	add_decimal(out, quota_us, period_us ? period_us : 1);
	buf_puts(out, " cpus");
}

static void add_ids(struct buf *out, uint32_t first, uint32_t size)
{
	buf_printf(out, "%u", first);
	if (size > 1)
		buf_printf(out, "-%llu", (unsigned long long)first + size - 1);
}

void quantity_range(struct buf *out, const char *what, const struct idmap_range *range)
{
	buf_printf(out, "%s%s ", what, range->size > 1 ? "s" : "");
	add_ids(out, range->inside, range->size);
	if (range->inside == range->outside) {
		buf_printf(out, " inside %s the same outside", range->size > 1 ? "are" : "is");
		return;
	}
	buf_printf(out, " inside %s ", range->size > 1 ? "are" : "is");
	add_ids(out, range->outside, range->size);
	buf_puts(out, " outside");
}
