/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU time: shares, quota, burst, real-time, idle; and what was used of it (cpuacct on v1).
 *
 * The order of the writes matters. A quota is refused when it is more than the period allows a
 * parent, so on an update either may have to come first; a burst may not exceed the quota; the
 * shares of an idle group can't be changed, so idle comes last when it is set and first when it is
 * cleared. Zeros ask for nothing, as in every runtime before this one.
 */
#include "base/num.h"
#include "rt/cg.h"

#include <stdio.h>
#include <string.h>

#define CPU "linux.resources.cpu."

static bool given_u(struct oci_u64 v)
{
	return v.is_set && v.value != 0;
}

static bool given_i(struct oci_i64 v)
{
	return v.is_set && v.value != 0;
}

static const char *asks(const struct oci_resources *res)
{
	const struct oci_cpu *cpu = res->cpu;

	if (!cpu)
		return NULL;
	if (given_u(cpu->shares))
		return CPU "shares";
	if (given_i(cpu->quota))
		return CPU "quota";
	if (given_u(cpu->period))
		return CPU "period";
	if (cpu->burst.is_set)
		return CPU "burst";
	if (given_i(cpu->realtime_runtime))
		return CPU "realtimeRuntime";
	if (given_u(cpu->realtime_period))
		return CPU "realtimePeriod";
	return cpu->idle.is_set ? CPU "idle" : NULL;
}

static int put_i64(int dir_fd, const char *file, int64_t value, const char *member, struct err *err)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	return cg_put(dir_fd, file, text, member, err);
}

static int put_idle(int dir_fd, const struct oci_cpu *cpu, bool set, struct err *err)
{
	if (!cpu->idle.is_set || (cpu->idle.value != 0) != set)
		return 0;
	return put_i64(dir_fd, "cpu.idle", cpu->idle.value, CPU "idle", err);
}

/* ------------------------------------------------------------------------------- v1 */

/* Two files of which either may have to be written first. */
struct pair {
	const char *file, *member;
	bool given;
	int64_t value;
};

static int put_pair(int dir_fd, const struct pair *first, const struct pair *second,
		    struct err *err)
{
	int again = 0, r = 0;

	if (first->given)
		again = put_i64(dir_fd, first->file, first->value, first->member, err);
	if (again < 0 && (again != -EINVAL || !second->given))
		return again;
	if (second->given)
		r = put_i64(dir_fd, second->file, second->value, second->member, err);
	if (r < 0 || again == 0)
		return r;
	return put_i64(dir_fd, first->file, first->value, first->member, err);
}

static int apply_realtime(int dir_fd, const struct oci_cpu *cpu, struct err *err)
{
	struct pair period = { "cpu.rt_period_us", CPU "realtimePeriod",
			       given_u(cpu->realtime_period), (int64_t)cpu->realtime_period.value };
	struct pair runtime = { "cpu.rt_runtime_us", CPU "realtimeRuntime",
				given_i(cpu->realtime_runtime), cpu->realtime_runtime.value };

	return put_pair(dir_fd, &period, &runtime, err);
}

/* A burst above the old quota has to wait for the new one, one above the new must go first. */
static int apply_bandwidth(int dir_fd, const struct oci_cpu *cpu, struct err *err)
{
	struct pair period = { "cpu.cfs_period_us", CPU "period", given_u(cpu->period),
			       (int64_t)cpu->period.value };
	struct pair quota = { "cpu.cfs_quota_us", CPU "quota", given_i(cpu->quota),
			      cpu->quota.value };
	int burst = 0, r;

	if (cpu->burst.is_set)
		burst = cg_put_u64(dir_fd, "cpu.cfs_burst_us", cpu->burst.value, CPU "burst", err);
	if (burst < 0 && burst != -EINVAL)
		return burst;
	r = put_pair(dir_fd, &period, &quota, err);
	if (r < 0 || burst == 0)
		return r;
	return cg_put_u64(dir_fd, "cpu.cfs_burst_us", cpu->burst.value, CPU "burst", err);
}

static int apply_v1(int dir_fd, const struct oci_resources *res, struct err *err)
{
	const struct oci_cpu *cpu = res->cpu;
	int r = put_idle(dir_fd, cpu, false, err);

	if (r == 0 && given_u(cpu->shares))
		r = cg_put_u64(dir_fd, "cpu.shares", cpu->shares.value, CPU "shares", err);
	if (r == 0)
		r = apply_realtime(dir_fd, cpu, err);
	if (r == 0)
		r = apply_bandwidth(dir_fd, cpu, err);
	return r < 0 ? r : put_idle(dir_fd, cpu, true, err);
}

/* ------------------------------------------------------------------------------- v2 */

/*
 * The weight that has to the default weight (100) the relation that the shares have to the default
 * shares (1024), with both ends of both ranges on each other: a quadratic in log2(shares), so this
 * needs a logarithm and a power. They are made here from exact steps since a maths library for one
 * number is not worth linking.
 */
static double log2_of(double x)
{
	double result = 0, part = 0.5;

	for (; x >= 2; x /= 2)
		result++;
	for (int i = 0; i < 52; i++, part /= 2) {
		x *= x;
		if (x >= 2) {
			x /= 2;
			result += part;
		}
	}
	return result;
}

/* 10^y for y in 0..4: the whole part by multiplying, the rest as e^(y ln 10) by its series. */
static double pow10_of(double y)
{
	double result = 1, term = 1, sum = 1;

	for (; y >= 1; y--)
		result *= 10;
	for (int i = 1; i < 32; i++) {
		term *= y * 2.302585092994045684 / i;
		sum += term;
	}
	return result * sum;
}

uint64_t cg_shares_to_weight(uint64_t shares)
{
	double l, weight;
	uint64_t whole;

	if (shares == 0)
		return 0;
	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	l = log2_of((double)shares);
	weight = pow10_of((l * l + 125 * l) / 612 - 7.0 / 34);
	whole = (uint64_t)weight;
	/* rounded up, unless it is a whole number but for the error of the arithmetic */
	return weight - (double)whole > 1e-12 * weight ? whole + 1 : whole;
}

/* "QUOTA PERIOD"; the one that is not given stays as it is. */
static int apply_max(int dir_fd, const struct oci_cpu *cpu, struct err *err)
{
	char text[64], quota[32];
	int r;

	if (!given_i(cpu->quota) && !given_u(cpu->period))
		return 0;
	if (given_i(cpu->quota)) {
		(void)snprintf(quota, sizeof(quota), "%lld", (long long)cpu->quota.value);
	} else {
		r = cgroupfs_read(dir_fd, "cpu.max", text, sizeof(text));
		(void)snprintf(quota, sizeof(quota), "%.*s", r > 0 ? (int)strcspn(text, " ") : 3,
			       r > 0 ? text : "max");
	}
	if (quota[0] == '-')
		(void)snprintf(quota, sizeof(quota), "max");
	if (!given_u(cpu->period))
		return cg_put(dir_fd, "cpu.max", quota, CPU "quota", err);
	(void)snprintf(text, sizeof(text), "%s %llu", quota,
		       (unsigned long long)cpu->period.value);
	return cg_put(dir_fd, "cpu.max", text,
		      given_i(cpu->quota) ? CPU "quota" : CPU "period", err);
}

static int apply_max_and_burst(int dir_fd, const struct oci_cpu *cpu, struct err *err)
{
	int burst = 0, r;

	if (cpu->burst.is_set)
		burst = cg_put_u64(dir_fd, "cpu.max.burst", cpu->burst.value, CPU "burst", err);
	if (burst < 0 && burst != -EINVAL)
		return burst;
	r = apply_max(dir_fd, cpu, err);
	if (r < 0 || burst == 0)
		return r;
	return cg_put_u64(dir_fd, "cpu.max.burst", cpu->burst.value, CPU "burst", err);
}

static int apply_v2(int dir_fd, const struct oci_resources *res, struct err *err)
{
	const struct oci_cpu *cpu = res->cpu;
	int r;

	if (given_i(cpu->realtime_runtime))
		return cg_no_v2(CPU "realtimeRuntime", err);
	if (given_u(cpu->realtime_period))
		return cg_no_v2(CPU "realtimePeriod", err);
	r = put_idle(dir_fd, cpu, false, err);
	/* Of an idle group, which systemd may have made it already, the weight can't be written. */
	if (r == 0 && given_u(cpu->shares) && !(cpu->idle.is_set && cpu->idle.value))
		r = cg_put_u64(dir_fd, "cpu.weight", cg_shares_to_weight(cpu->shares.value),
			       CPU "shares", err);
	if (r == 0)
		r = apply_max_and_burst(dir_fd, cpu, err);
	return r < 0 ? r : put_idle(dir_fd, cpu, true, err);
}

/* ------------------------------------------------------------------------------- statistics */

static void stats_v1(int dir_fd, struct cgroup_stats *stats)
{
	struct cgroup_named *list;
	size_t n = cg_stat_named(dir_fd, "cpu.stat", stats->arena, &list);

	stats->cpu.periods = cg_named(list, n, "nr_periods");
	stats->cpu.throttled_periods = cg_named(list, n, "nr_throttled");
	stats->cpu.throttled_ns = cg_named(list, n, "throttled_time");
	stats->cpu.period_us = cg_stat(dir_fd, "cpu.cfs_period_us", 0);
	stats->cpu.quota_us = cg_stat(dir_fd, "cpu.cfs_quota_us", 0); /* -1: none */
}

/* One column of cpuacct.usage_all: lines of "cpu user system" below a heading. */
static void read_percpu(int dir_fd, struct cgroup_stats *stats)
{
	struct cgroup_cpu_stats *cpu = &stats->cpu;
	auto_buf struct buf text = {};
	size_t lines = 0;
	const char *at;

	if (cgroupfs_read_buf(dir_fd, "cpuacct.usage_all", &text) < 0)
		return;
	for (at = buf_str(&text); *at; at++)
		lines += *at == '\n';
	cpu->percpu_ns = arena_array(stats->arena, uint64_t, lines + 1);
	cpu->percpu_user_ns = arena_array(stats->arena, uint64_t, lines + 1);
	cpu->percpu_kernel_ns = arena_array(stats->arena, uint64_t, lines + 1);
	for (at = strchr(buf_str(&text), '\n'); at && cpu->n_cpus < lines; at = strchr(at, '\n')) {
		unsigned long long number, user, kernel;

		if (sscanf(++at, "%llu %llu %llu", &number, &user, &kernel) != 3)
			break;
		cpu->percpu_user_ns[cpu->n_cpus] = user;
		cpu->percpu_kernel_ns[cpu->n_cpus] = kernel;
		cpu->percpu_ns[cpu->n_cpus++] = user + kernel;
	}
}

static void stats_cpuacct(int dir_fd, struct cgroup_stats *stats)
{
	stats->cpu.total_ns = cg_stat(dir_fd, "cpuacct.usage", 0);
	stats->cpu.user_ns = cg_stat(dir_fd, "cpuacct.usage_user", 0);
	stats->cpu.kernel_ns = cg_stat(dir_fd, "cpuacct.usage_sys", 0);
	read_percpu(dir_fd, stats);
}

/* "QUOTA PERIOD" or "max PERIOD" */
static void read_max(int dir_fd, struct cgroup_cpu_stats *cpu)
{
	char text[64], *period = text;
	const char *quota;

	if (cgroupfs_read(dir_fd, "cpu.max", text, sizeof(text)) <= 0)
		return;
	quota = strsep(&period, " ");
	if (period && num_parse_u64(period, &cpu->period_us) == 0)
		(void)num_parse_u64(quota, &cpu->quota_us);
}

static void stats_v2(int dir_fd, struct cgroup_stats *stats)
{
	struct cgroup_named *list;
	size_t n = cg_stat_named(dir_fd, "cpu.stat", stats->arena, &list);

	stats->cpu.total_ns = cg_named(list, n, "usage_usec") * 1000;
	stats->cpu.user_ns = cg_named(list, n, "user_usec") * 1000;
	stats->cpu.kernel_ns = cg_named(list, n, "system_usec") * 1000;
	stats->cpu.periods = cg_named(list, n, "nr_periods");
	stats->cpu.throttled_periods = cg_named(list, n, "nr_throttled");
	stats->cpu.throttled_ns = cg_named(list, n, "throttled_usec") * 1000;
	read_max(dir_fd, &stats->cpu);
	cg_stat_psi(dir_fd, "cpu.pressure", &stats->cpu.psi);
}

static const char *asks_nothing(const struct oci_resources *res)
{
	(void)res;
	return NULL;
}

const struct cg_controller cg_cpu = {
	.controller = CGROUP_CPU,
	.asks = asks,
	.apply_v1 = apply_v1,
	.apply_v2 = apply_v2,
	.stats_v1 = stats_v1,
	.stats_v2 = stats_v2,
};

const struct cg_controller cg_cpuacct = {
	.controller = CGROUP_CPUACCT,
	.asks = asks_nothing,
	.stats_v1 = stats_cpuacct,
};
