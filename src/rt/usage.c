/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container consumes: the numbers of its cgroups and of its network, and when it lacked
 * memory. What differs between v1 and v2 ends here.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "rt/cgroup_stats.h"
#include "rt/container.h"
#include "sys/netstat.h"
#include "sys/proc.h"

#include <poll.h>
#include <string.h>
#include <sys/sysinfo.h>

#define NET_DEV_MAX_BYTES ((size_t)1 << 20)

/* Open `id` with the cgroup that it must have for this. */
static int open_measurable(struct container *c, const char *id, struct err *err)
{
	int r = container_open(c, id, err);

	if (r == 0)
		r = container_require_alive(c, true, err);
	if (r == 0)
		r = container_open_cgroup(c, err);
	if (r == 0 && !c->has_cgroup)
		r = err_set(err, ERR_CONFLICT, ENOENT, "the container has no cgroup");
	return r;
}

int rt_stats_format(const struct rt *rt, const char *id, struct buf *out, struct err *err)
{
	auto_container struct container c;
	struct cgroup_stats stats = {};
	int r;

	container_init(&c, rt);
	r = open_measurable(&c, id, err);
	if (r == 0)
		r = cgroup_stats_read(&c.cg, &c.arena, &stats, err);
	if (r < 0)
		return r;
	buf_printf(out, "{\"type\":\"stats\",\"id\":\"%s\",\"data\":", id);
	cgroup_stats_format(&stats, out);
	buf_puts(out, "}\n");
	return 0;
}

/* ------------------------------------------------------------------------------- a summary */

static uint64_t machine_bytes(void)
{
	struct sysinfo info = {};

	return sysinfo(&info) < 0 ? UINT64_MAX : (uint64_t)info.totalram * info.mem_unit;
}

static uint64_t least(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

static uint64_t sum_io(const struct cgroup_stats *stats, const char *op)
{
	const struct cgroup_io_list *list = &stats->io[CGROUP_IO_BYTES];
	uint64_t sum = 0;

	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i].op, op) == 0)
			sum += list->v[i].value;
	return sum;
}

static struct rt_pressure pressure_of(const struct cgroup_psi *psi)
{
	return (struct rt_pressure){ psi->is_set, psi->some.avg10 };
}

static void take_stats(const struct container *c, const struct cgroup_stats *stats,
		       struct rt_usage *usage)
{
	usage->cpu_ns = stats->cpu.total_ns;
	usage->memory_bytes = cgroup_memory_needed(&stats->memory);
	usage->memory_limit_bytes = least(cgroup_memory_limit(&c->cg, stats), machine_bytes());
	usage->read_bytes = sum_io(stats, "Read");
	usage->written_bytes = sum_io(stats, "Write");
	usage->processes = stats->pids_current;
	usage->processes_limit = stats->pids_limit;
	usage->cpu_pressure = pressure_of(&stats->cpu.psi);
	usage->memory_pressure = pressure_of(&stats->memory.psi);
	usage->io_pressure = pressure_of(&stats->io_psi);
}

/* The directory was opened by a number: it is our process's if that has not ended since. */
static int read_network(const struct container *c, struct rt_usage *usage)
{
	struct pollfd ended = { .fd = c->pidfd, .events = POLLIN };
	auto_close int pid_dir_fd = -1;
	auto_buf struct buf text = {};
	struct netstat sum;
	int r = proc_open_pid(c->proc_fd, c->record->host_pid, &pid_dir_fd);

	if (r < 0)
		return r;
	if (poll(&ended, 1, 0) != 0)
		return -ESRCH;
	r = proc_read_at(pid_dir_fd, "net/dev", NET_DEV_MAX_BYTES, &text);
	if (r < 0)
		return r;
	netstat_parse(buf_str(&text), &sum);
	usage->received_bytes = sum.received_bytes;
	usage->sent_bytes = sum.sent_bytes;
	return 0;
}

int rt_usage_get(const struct rt *rt, const char *id, struct rt_usage *ret, struct err *err)
{
	auto_container struct container c;
	struct cgroup_stats stats = {};
	int r;

	*ret = (struct rt_usage){};
	container_init(&c, rt);
	r = open_measurable(&c, id, err);
	ret->taken_ns = clock_ns();
	if (r == 0)
		r = cgroup_stats_read(&c.cg, &c.arena, &stats, err);
	if (r < 0)
		return r;
	take_stats(&c, &stats, ret);
	r = read_network(&c, ret);
	if (r == -ESRCH || r == -ENOENT || r == -EINVAL)
		return err_set(err, ERR_CONFLICT, ESRCH, "the container has ended");
	return r < 0 ? err_sys(err, -r, "read its network's counters") : 0;
}

/* ------------------------------------------------------------------------------- lack of memory */

int rt_oom_open(const struct rt *rt, const char *id, int *ret_fd, struct err *err)
{
	auto_container struct container c;
	int r;

	container_init(&c, rt);
	r = open_measurable(&c, id, err);
	return r < 0 ? r : cgroup_oom_open(&c.cg, ret_fd, err);
}

int rt_oom_consume(const struct rt *rt, const char *id, int fd, uint64_t *seen, struct err *err)
{
	auto_container struct container c;
	int r;

	container_init(&c, rt);
	r = container_open_with_cgroup(&c, id, err);
	if (r < 0)
		return r;
	if (!c.has_cgroup || c.pidfd < 0)
		return err_set(err, ERR_CONFLICT, ESRCH, "the container is gone");
	return cgroup_oom_consume(&c.cg, fd, seen, err);
}
