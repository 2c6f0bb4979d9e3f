/* SPDX-License-Identifier: Apache-2.0 */
#include "spec_of.h"

#include "rt/rt.h"

#include <sys/sysmacros.h>

static const struct oci_resources *resources(const struct made *made)
{
	return made->spec ? made->spec->linux_->resources : NULL;
}

static bool processes_are_limited_unasked_and_nothing_else(void)
{
	auto_made struct made made = spec_of(CONFIG());
	const struct oci_resources *res = resources(&made);

	return CHECK(res) && CHECK(res->pids && res->pids->limit.value == 2048) &&
	       CHECK(!res->memory) && CHECK(!res->cpu) && CHECK(res->devices.n == 1) &&
	       CHECK(!res->devices.v[0].allow) && CHECK(!res->devices.v[0].type) &&
	       CHECK_STR(res->devices.v[0].access, "rwm");
}

static bool a_limit_of_processes_is_a_number_or_none(void)
{
	auto_made struct made some = spec_of(CONFIG(.pids_limit = { true, 17 }));
	auto_made struct made none = spec_of(CONFIG(.pids_limit = { true, -1 }));
	auto_made struct made zero = spec_of(CONFIG(.pids_limit = { true, 0 }));

	return CHECK(some.spec && none.spec && zero.spec) &&
	       CHECK(resources(&some)->pids->limit.value == 17) && CHECK(!resources(&none)->pids) &&
	       CHECK(!resources(&zero)->pids);
}

static bool memory_brings_as_much_swap_where_that_can_be_limited(void)
{
	auto_made struct made made = spec_of(CONFIG(.memory_bytes = 64 << 20));
	const struct oci_resources *res = resources(&made);

	return CHECK(res && res->memory) && CHECK(res->memory->limit.value == 64 << 20) &&
	       CHECK(res->memory->swap.is_set == rt_can_limit_swap()) &&
	       CHECK(!res->memory->swap.is_set || res->memory->swap.value == 128 << 20) &&
	       REFUSED("--memory: -5 is below 0", .memory_bytes = -5);
}

static bool processors_are_a_quota(void)
{
	auto_made struct made made = spec_of(CONFIG(.nano_cpus = 1500000000));
	const struct oci_resources *res = resources(&made);

	return CHECK(res && res->cpu) && CHECK(res->cpu->period.value == 100000) &&
	       CHECK(res->cpu->quota.value == 150000) && CHECK(!res->cpu->shares.is_set) &&
	       REFUSED("--cpus: must be between 0.01 and 92233", .nano_cpus = 9999999) &&
	       REFUSED("--cpus: must be between 0.01 and 92233", .nano_cpus = -1) &&
	       REFUSED("--cpus: must be between 0.01 and 92233", .nano_cpus = INT64_MAX);
}

static bool memory_is_what_was_said_of_it(void)
{
	auto_made struct made made = spec_of(CONFIG(.memory_bytes = 100, .memory_swap_bytes = 150,
						    .memory_reservation_bytes = 50,
						    .memory_swappiness = { true, 0 },
						    .oom_kill_disable = true));
	auto_made struct made endless = spec_of(CONFIG(.memory_bytes = 9, .memory_swap_bytes = -1));
	auto_made struct made none = spec_of(CONFIG(.memory_swap_bytes = -1,
						    .memory_swappiness = { true, -1 }));
	const struct oci_memory *m = made.spec ? resources(&made)->memory : NULL;

	return CHECK(m && endless.spec && none.spec) && CHECK(m->limit.value == 100) &&
	       CHECK(m->swap.value == 150) && CHECK(m->reservation.value == 50) &&
	       CHECK(m->swappiness.is_set && m->swappiness.value == 0) &&
	       CHECK(m->disable_oom_killer.is_set && m->disable_oom_killer.value) &&
	       CHECK(resources(&endless)->memory->swap.value == -1) &&
	       CHECK(!resources(&endless)->memory->disable_oom_killer.is_set) &&
	       CHECK(!resources(&none)->memory->swap.is_set) &&
	       CHECK(!resources(&none)->memory->swappiness.is_set);
}

static bool memory_that_contradicts_itself_is_refused(void)
{
	return REFUSED("--memory-swap: it includes memory, so --memory must be given too",
		       .memory_swap_bytes = 5) &&
	       REFUSED("--memory-swap: 5 is below --memory 6, which it includes",
		       .memory_bytes = 6, .memory_swap_bytes = 5) &&
	       REFUSED("--memory-swap: -2 is neither a size nor -1", .memory_swap_bytes = -2) &&
	       REFUSED("", .memory_bytes = 6, .memory_swap_bytes = 6) &&
	       REFUSED("--memory-reservation: 7 is above --memory 6", .memory_bytes = 6,
		       .memory_reservation_bytes = 7) &&
	       REFUSED("--memory-reservation: -1 is below 0", .memory_reservation_bytes = -1) &&
	       REFUSED("--memory-swappiness: 101 is not between 0 and 100",
		       .memory_swappiness = { true, 101 }) &&
	       REFUSED("--memory-swappiness: -2 is not between 0 and 100",
		       .memory_swappiness = { true, -2 });
}

static bool processors_are_shares_and_lists(void)
{
	auto_made struct made made = spec_of(CONFIG(.cpu_shares = 512, .cpu_quota_us = -1,
						    .cpu_period_us = 1000,
						    .cpuset_cpus = STR("0-1"),
						    .cpuset_mems = STR("0")));
	const struct oci_cpu *cpu = made.spec ? resources(&made)->cpu : NULL;

	return CHECK(cpu) && CHECK(cpu->shares.value == 512) && CHECK(cpu->quota.value == -1) &&
	       CHECK(cpu->period.value == 1000) && CHECK_STR(cpu->cpus, "0-1") &&
	       CHECK_STR(cpu->mems, "0") &&
	       REFUSED("--cpus: says the same as --cpu-quota; give one", .nano_cpus = 1000000000,
		       .cpu_quota_us = 5000) &&
	       REFUSED("--cpus: says the same as --cpu-period; give one", .nano_cpus = 1000000000,
		       .cpu_period_us = 5000) &&
	       REFUSED("--cpu-period: 999 is not between 1000 and 1000000, in microseconds",
		       .cpu_period_us = 999) &&
	       REFUSED("--cpu-quota: 999 is below 1000, in microseconds", .cpu_quota_us = 999) &&
	       REFUSED("--cpu-shares: -1 is below 0", .cpu_shares = -1) &&
	       CHECK(strstr(refusal_of(CONFIG(.cpuset_cpus = STR("0-"))), "--cpuset-cpus: ")) &&
	       CHECK(strstr(refusal_of(CONFIG(.cpuset_mems = STR("x"))), "--cpuset-mems: "));
}

/* Any block device; on a machine without one, nothing is proven. */
static const char *find_disk(struct stat *ret)
{
	static const char *const disks[] = { "/dev/loop0", "/dev/vda", "/dev/sda", "/dev/nvme0n1" };

	for (size_t i = 0; i < sizeof(disks) / sizeof(disks[0]); i++)
		if (stat(disks[i], ret) == 0 && S_ISBLK(ret->st_mode))
			return disks[i];
	return NULL;
}

static bool a_disk_is_its_number(void)
{
	struct stat st;
	struct config_device_limit limit = { STR(find_disk(&st)), 300 };
	auto_made struct made made = {};
	const struct oci_block_io *io;

	if (!limit.path)
		return true;
	made = spec_of(CONFIG(.blkio_weight = 10, .weight_devices = { &limit, 1 },
			      .read_bps = { &limit, 1 }, .write_iops = { &limit, 1 }));
	io = made.spec ? resources(&made)->block_io : NULL;
	return CHECK(io) && CHECK(io->weight.value == 10) && CHECK(io->weight_device.n == 1) &&
	       CHECK(io->weight_device.v[0].major == major(st.st_rdev)) &&
	       CHECK(io->weight_device.v[0].minor == minor(st.st_rdev)) &&
	       CHECK(io->weight_device.v[0].weight.value == 300) &&
	       CHECK(io->throttle_read_bps.n == 1 && io->throttle_read_bps.v[0].rate == 300) &&
	       CHECK(io->throttle_write_iops.n == 1) && CHECK(io->throttle_read_iops.n == 0) &&
	       CHECK(io->throttle_write_bps.n == 0);
}

static bool what_is_no_disk_is_refused(void)
{
	struct config_device_limit file = { STR("/dev/null"), 5 }, none = { STR("/nowhere"), 5 };

	return REFUSED("--device-read-bps: '/dev/null' is no block device",
		       .read_bps = { &file, 1 }) &&
	       REFUSED("--device-write-iops: '/dev/null' is no block device",
		       .write_iops = { &file, 1 }) &&
	       REFUSED("--blkio-weight-device: look at '/nowhere': no such file or directory",
		       .weight_devices = { &none, 1 }) &&
	       REFUSED("--blkio-weight: 9 is not between 10 and 1000", .blkio_weight = 9) &&
	       REFUSED("--blkio-weight: 1001 is not between 10 and 1000", .blkio_weight = 1001);
}

static bool who_is_killed_first_is_a_number(void)
{
	auto_made struct made made = spec_of(CONFIG(.oom_score_adj = -5));
	auto_made struct made none = spec_of(CONFIG());

	return CHECK(made.spec && made.spec->process->oom_score_adj.value == -5) &&
	       CHECK(none.spec && !none.spec->process->oom_score_adj.is_set) &&
	       REFUSED("--oom-score-adj: 1001 is not between -1000 and 1000",
		       .oom_score_adj = 1001);
}

int main(void)
{
	TEST(processes_are_limited_unasked_and_nothing_else);
	TEST(a_limit_of_processes_is_a_number_or_none);
	TEST(memory_brings_as_much_swap_where_that_can_be_limited);
	TEST(processors_are_a_quota);
	TEST(memory_is_what_was_said_of_it);
	TEST(memory_that_contradicts_itself_is_refused);
	TEST(processors_are_shares_and_lists);
	TEST(a_disk_is_its_number);
	TEST(what_is_no_disk_is_refused);
	TEST(who_is_killed_first_is_a_number);
	return tap_done();
}
