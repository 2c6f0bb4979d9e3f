/* SPDX-License-Identifier: Apache-2.0 */
/* What is written for which limit, on v1 and v2. */
#include "cg_tree.h"
#include "rt/cg_devices.h"

static int update(struct tree *t, const struct oci_resources *res)
{
	err = (struct err){};
	return cgroup_update(&t->cg, res, &err);
}

/* ------------------------------------------------------------------------------- conversions */

static bool shares_become_weights_by_the_curve(void)
{
	static const uint64_t pairs[][2] = {
		{ 0, 0 },      { 1, 1 },       { 2, 1 },          { 3, 2 },
		{ 512, 59 },   { 1024, 100 },  { 2048, 174 },     { 262143, 10000 },
		{ 262144, 10000 }, { UINT64_MAX, 10000 },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		uint64_t weight = cg_shares_to_weight(pairs[i][0]);

		if (!CHECK(weight == pairs[i][1])) {
			printf("# %llu: %llu\n", (unsigned long long)pairs[i][0],
			       (unsigned long long)weight);
			return false;
		}
	}
	for (uint64_t shares = 2; shares < 262144; shares++)
		if (!CHECK(cg_shares_to_weight(shares) <= cg_shares_to_weight(shares + 1)))
			return false;
	return true;
}

static bool block_weights_span_the_range_of_io(void)
{
	return CHECK(cg_blkio_to_io_weight(10) == 1) &&
	       CHECK(cg_blkio_to_io_weight(1000) == 10000) &&
	       CHECK(cg_blkio_to_io_weight(500) == 4950);
}

static bool paths_are_below_the_roots(void)
{
	static const char *const good[][2] = { { NULL, "/c1" },	    { "", "/c1" },
					       { "/a/b", "/a/b" },  { "a/b", "/a/b" },
					       { "//a/./b/", "/a/b" }, { "..a/b..", "/..a/b.." } };
	static const char *const bad[] = { "..", "/../a", "a/..", "a/../b", "/", ".", "//" };

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		auto_buf struct buf path = {};

		if (!CHECK(cgroup_path_resolve(good[i][0], "c1", &path, &err) == 0) ||
		    !CHECK_STR(buf_str(&path), good[i][1]))
			return false;
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		auto_buf struct buf path = {};

		if (!CHECK(cgroup_path_resolve(bad[i], "c1", &path, &err) < 0) ||
		    !CHECK(err.kind == ERR_USAGE) ||
		    !CHECK(strncmp(err.msg, "linux.cgroupsPath: ", 19) == 0))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------- memory */

static bool v2_swap_is_what_memory_leaves(void)
{
	static const struct {
		int64_t limit, swap;
		const char *max, *swap_max;
	} cases[] = {
		{ 1000, 3000, "1000", "2000" }, { 1000, 1000, "1000", "0" },
		{ 1000, 0, "1000", "" },	{ -1, 0, "max", "max" },
		{ -1, -1, "max", "max" },	{ 1000, -1, "1000", "max" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_tree struct tree t = {};
		struct oci_memory mem = { .limit = { true, cases[i].limit },
					  .swap = { true, cases[i].swap } };
		struct oci_resources res = { .memory = &mem };

		if (!CHECK(tree_make(&t, NULL)))
			return false;
		put_file(&t, "memory.max", "");
		put_file(&t, "memory.swap.max", "");
		if (!CHECK(update(&t, &res) == 0) ||
		    !CHECK_STR(get_file(&t, "memory.max"), cases[i].max) ||
		    !CHECK_STR(get_file(&t, "memory.swap.max"), cases[i].swap_max))
			return false;
	}
	return true;
}

static bool contradictory_swap_is_refused(void)
{
	auto_tree struct tree t = {};
	struct oci_memory mem = { .limit = { true, 2000 }, .swap = { true, 1000 } };
	struct oci_resources res = { .memory = &mem };

	if (!CHECK(tree_make(&t, NULL)))
		return false;
	if (!CHECK(update(&t, &res) == -EINVAL) ||
	    !CHECK(strncmp(err.msg, "linux.resources.memory.swap: ", 29) == 0))
		return false;
	mem = (struct oci_memory){ .swap = { true, 1000 } };
	return CHECK(update(&t, &res) == -EINVAL) &&
	       CHECK(strncmp(err.msg, "linux.resources.memory.swap: ", 29) == 0);
}

static bool a_kernel_without_swap_is_told_from_no_swap(void)
{
	auto_tree struct tree t = {};
	struct oci_memory mem = { .limit = { true, 1000 }, .swap = { true, 1000 } };
	struct oci_resources res = { .memory = &mem };

	if (!CHECK(tree_make(&t, NULL)))
		return false;
	put_file(&t, "memory.max", "");
	if (!CHECK(update(&t, &res) == 0))
		return false;
	mem.swap.value = 3000;
	return CHECK(update(&t, &res) == -ENOENT) &&
	       CHECK(strstr(err.msg, "'memory.swap.max'") != NULL);
}

static bool check_before_update_looks_at_what_is_used(void)
{
	auto_tree struct tree t = {};
	struct oci_memory mem = { .limit = { true, 1000 }, .check_before_update = { true, true } };
	struct oci_resources res = { .memory = &mem };

	if (!CHECK(tree_make(&t, NULL)))
		return false;
	put_file(&t, "memory.max", "");
	put_file(&t, "memory.current", "900\n");
	put_file(&t, "memory.swap.current", "200\n");
	if (!CHECK(update(&t, &res) == -EBUSY) || !CHECK(err.kind == ERR_CONFLICT) ||
	    !CHECK_STR(get_file(&t, "memory.max"), ""))
		return false;
	put_file(&t, "memory.swap.current", "0\n");
	return CHECK(update(&t, &res) == 0) && CHECK_STR(get_file(&t, "memory.max"), "1000");
}

static bool v1_memory_has_its_own_files(void)
{
	auto_tree struct tree t = {};
	struct oci_memory mem = {
		.limit = { true, 1000 },
		.swap = { true, 3000 },
		.reservation = { true, 500 },
		.kernel = { true, 5 },
		.swappiness = { true, 0 },
		.disable_oom_killer = { true, true },
	};
	struct oci_resources res = { .memory = &mem };

	if (!CHECK(tree_make(&t, "memory")))
		return false;
	put_file(&t, "memory.limit_in_bytes", "");
	put_file(&t, "memory.memsw.limit_in_bytes", "");
	put_file(&t, "memory.soft_limit_in_bytes", "");
	put_file(&t, "memory.swappiness", "");
	put_file(&t, "memory.oom_control", "");
	return CHECK(update(&t, &res) == 0) &&
	       CHECK_STR(get_file(&t, "memory.limit_in_bytes"), "1000") &&
	       CHECK_STR(get_file(&t, "memory.memsw.limit_in_bytes"), "3000") &&
	       CHECK_STR(get_file(&t, "memory.soft_limit_in_bytes"), "500") &&
	       CHECK_STR(get_file(&t, "memory.swappiness"), "0") &&
	       CHECK_STR(get_file(&t, "memory.oom_control"), "1");
}

static bool what_v2_lacks_is_refused_by_name(void)
{
	auto_tree struct tree t = {};
	struct oci_memory mem = { .swappiness = { true, 10 } };
	struct oci_network net = { .class_id = { true, 1 } };
	struct oci_cpu cpu = { .realtime_runtime = { true, 1 } };
	struct oci_resources res = { .memory = &mem };

	if (!CHECK(tree_make(&t, NULL)) || !CHECK(update(&t, &res) == -EOPNOTSUPP) ||
	    !CHECK(strncmp(err.msg, "linux.resources.memory.swappiness: ", 35) == 0))
		return false;
	res = (struct oci_resources){ .network = &net };
	if (!CHECK(update(&t, &res) == -EOPNOTSUPP) ||
	    !CHECK(strncmp(err.msg, "linux.resources.network.classID: ", 33) == 0))
		return false;
	res = (struct oci_resources){ .cpu = &cpu };
	return CHECK(update(&t, &res) == -EOPNOTSUPP) &&
	       CHECK(strncmp(err.msg, "linux.resources.cpu.realtimeRuntime: ", 37) == 0);
}

/* ------------------------------------------------------------------------------- the others */

static bool v2_cpu_keeps_what_is_not_given(void)
{
	auto_tree struct tree t = {};
	struct oci_cpu cpu = { .shares = { true, 512 }, .quota = { true, 50000 } };
	struct oci_resources res = { .cpu = &cpu };

	if (!CHECK(tree_make(&t, NULL)))
		return false;
	put_file(&t, "cpu.weight", "");
	put_file(&t, "cpu.max", "");
	if (!CHECK(update(&t, &res) == 0) || !CHECK_STR(get_file(&t, "cpu.weight"), "59") ||
	    !CHECK_STR(get_file(&t, "cpu.max"), "50000"))
		return false;
	put_file(&t, "cpu.max", "70000 100000\n");
	cpu = (struct oci_cpu){ .period = { true, 200000 } };
	if (!CHECK(update(&t, &res) == 0) || !CHECK_STR(get_file(&t, "cpu.max"), "70000 200000\n"))
		return false;
	put_file(&t, "cpu.max", "");
	cpu = (struct oci_cpu){ .quota = { true, -1 }, .period = { true, 100000 } };
	return CHECK(update(&t, &res) == 0) && CHECK_STR(get_file(&t, "cpu.max"), "max 100000");
}

static bool idle_goes_with_cpu(void)
{
	auto_tree struct tree t = {};
	struct oci_cpu cpu = { .idle = { true, 1 }, .burst = { true, 10 }, .cpus = (char *)"0-1",
			       .mems = (char *)"0" };
	struct oci_resources res = { .cpu = &cpu };

	if (!CHECK(tree_make(&t, NULL)))
		return false;
	put_file(&t, "cpu.idle", "");
	put_file(&t, "cpu.max.burst", "");
	put_file(&t, "cpuset.cpus", "");
	put_file(&t, "cpuset.mems", "");
	return CHECK(update(&t, &res) == 0) && CHECK_STR(get_file(&t, "cpu.idle"), "1") &&
	       CHECK_STR(get_file(&t, "cpu.max.burst"), "10") &&
	       CHECK_STR(get_file(&t, "cpuset.cpus"), "0-1") &&
	       CHECK_STR(get_file(&t, "cpuset.mems"), "0");
}

static bool pids_zero_leaves_room_for_the_first(void)
{
	static const struct {
		int64_t limit;
		const char *text;
	} cases[] = { { 0, "1" }, { 5, "5" }, { -1, "max" } };

	for (size_t i = 0; i < 3; i++) {
		auto_tree struct tree t = {};
		struct oci_pids pids = { .limit = { true, cases[i].limit } };
		struct oci_resources res = { .pids = &pids };

		if (!CHECK(tree_make(&t, NULL)))
			return false;
		put_file(&t, "pids.max", "");
		if (!CHECK(update(&t, &res) == 0) ||
		    !CHECK_STR(get_file(&t, "pids.max"), cases[i].text))
			return false;
	}
	return true;
}

static bool io_takes_the_file_that_exists(void)
{
	auto_tree struct tree t = {};
	struct oci_throttle_device throttle = { 8, 16, 1048576 };
	struct oci_block_io io = { .weight = { true, 500 },
				   .throttle_write_bps = { &throttle, 1 } };
	struct oci_resources res = { .block_io = &io };

	if (!CHECK(tree_make(&t, NULL)))
		return false;
	put_file(&t, "io.weight", "");
	put_file(&t, "io.max", "");
	if (!CHECK(update(&t, &res) == 0) || !CHECK_STR(get_file(&t, "io.weight"), "4950") ||
	    !CHECK_STR(get_file(&t, "io.max"), "8:16 wbps=1048576"))
		return false;
	put_file(&t, "io.bfq.weight", "");
	return CHECK(update(&t, &res) == 0) && CHECK_STR(get_file(&t, "io.bfq.weight"), "500");
}

static bool v1_blkio_has_its_own_files(void)
{
	auto_tree struct tree t = {};
	struct oci_throttle_device throttle = { 8, 0, 77 };
	struct oci_weight_device weight = { 8, 0, { true, 300 }, { true, 200 } };
	struct oci_block_io io = { .weight = { true, 500 },
				   .weight_device = { &weight, 1 },
				   .throttle_read_iops = { &throttle, 1 } };
	struct oci_resources res = { .block_io = &io };

	if (!CHECK(tree_make(&t, "blkio")))
		return false;
	put_file(&t, "blkio.bfq.weight", "");
	put_file(&t, "blkio.weight_device", "");
	put_file(&t, "blkio.leaf_weight_device", "");
	put_file(&t, "blkio.throttle.read_iops_device", "");
	return CHECK(update(&t, &res) == 0) && CHECK_STR(get_file(&t, "blkio.bfq.weight"), "500") &&
	       CHECK_STR(get_file(&t, "blkio.weight_device"), "8:0 300") &&
	       CHECK_STR(get_file(&t, "blkio.leaf_weight_device"), "8:0 200") &&
	       CHECK_STR(get_file(&t, "blkio.throttle.read_iops_device"), "8:0 77");
}

static bool hugetlb_limits_pages_and_their_reservation(void)
{
	auto_tree struct tree t = {};
	struct oci_hugepage_limit limit = { (char *)"2MB", 4194304 };
	struct oci_resources res = { .hugepage_limits = { &limit, 1 } };

	if (!CHECK(tree_make(&t, NULL)))
		return false;
	put_file(&t, "hugetlb.2MB.max", "");
	if (!CHECK(update(&t, &res) == 0) ||
	    !CHECK_STR(get_file(&t, "hugetlb.2MB.max"), "4194304"))
		return false;
	put_file(&t, "hugetlb.2MB.rsvd.max", "");
	if (!CHECK(update(&t, &res) == 0) ||
	    !CHECK_STR(get_file(&t, "hugetlb.2MB.rsvd.max"), "4194304"))
		return false;
	limit.page_size = (char *)"../2MB";
	return CHECK(update(&t, &res) == -EINVAL) && CHECK(err.kind == ERR_USAGE);
}

static bool rdma_and_network_write_a_line_each(void)
{
	auto_tree struct tree t = {}, net_tree = {}, prio_tree = {};
	struct oci_rdma rdma = { (char *)"mlx5_1", { true, 3 }, { true, 10000 } };
	struct oci_interface_priority prio = { (char *)"eth0", 5 };
	struct oci_network net = { .class_id = { true, 1048577 } };
	struct oci_resources res = { .rdma = { &rdma, 1 } };

	if (!CHECK(tree_make(&t, NULL)) || !CHECK(tree_make(&net_tree, "net_cls")) ||
	    !CHECK(tree_make(&prio_tree, "net_prio")))
		return false;
	put_file(&t, "rdma.max", "");
	put_file(&net_tree, "net_cls.classid", "");
	put_file(&prio_tree, "net_prio.ifpriomap", "");
	if (!CHECK(update(&t, &res) == 0) ||
	    !CHECK_STR(get_file(&t, "rdma.max"), "mlx5_1 hca_handle=3 hca_object=10000"))
		return false;
	res = (struct oci_resources){ .network = &net };
	if (!CHECK(update(&net_tree, &res) == 0) ||
	    !CHECK_STR(get_file(&net_tree, "net_cls.classid"), "1048577"))
		return false;
	net = (struct oci_network){ .priorities = { &prio, 1 } };
	return CHECK(update(&prio_tree, &res) == 0) &&
	       CHECK_STR(get_file(&prio_tree, "net_prio.ifpriomap"), "eth0 5");
}

static bool unified_is_verbatim_and_never_a_path(void)
{
	static const char *const bad[] = { "memory/high", "../memory.high", "memory", ".hidden" };
	auto_tree struct tree t = {}, v1 = {};
	struct oci_pair pair = { (char *)"memory.high", (char *)"12345" };
	struct oci_resources res = { .unified = { &pair, 1 } };

	if (!CHECK(tree_make(&t, NULL)) || !CHECK(tree_make(&v1, "memory")))
		return false;
	put_file(&t, "memory.high", "");
	if (!CHECK(update(&t, &res) == 0) || !CHECK_STR(get_file(&t, "memory.high"), "12345") ||
	    !CHECK(update(&v1, &res) == -EOPNOTSUPP) ||
	    !CHECK(strstr(err.msg, "linux.resources.unified: 'memory.high'") != NULL))
		return false;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		pair.key = (char *)bad[i];
		if (!CHECK(update(&t, &res) == -EINVAL))
			return false;
	}
	return true;
}

static bool nothing_asked_is_nothing_written(void)
{
	auto_tree struct tree t = {};
	struct oci_memory mem = { .limit = { true, 0 } };
	struct oci_cpu cpu = { .shares = { true, 0 }, .cpus = (char *)"" };
	struct oci_block_io io = { .weight = { true, 0 } };
	struct oci_network net = {};
	struct oci_resources res = {
		.memory = &mem,
		.cpu = &cpu,
		.block_io = &io,
		.network = &net,
	};

	/* there are no files: a write would fail */
	return CHECK(tree_make(&t, NULL)) && CHECK(update(&t, &res) == 0);
}

static bool a_missing_controller_is_named(void)
{
	auto_tree struct tree t = {};
	struct oci_pids pids = { .limit = { true, 5 } };
	struct oci_resources res = { .pids = &pids };

	if (!CHECK(tree_make(&t, NULL)))
		return false;
	put_file(&t, "cgroup.controllers", "cpu memory");
	return CHECK(update(&t, &res) == -ENOENT) && CHECK(err.kind == ERR_USAGE) &&
	       CHECK(strstr(err.msg, "linux.resources.pids.limit") != NULL) &&
	       CHECK(strstr(err.msg, "'pids'") != NULL);
}

/* The file of the group's parent, here the root. */
static const char *get_above(const struct tree *t, const char *file)
{
	char above[128];

	(void)snprintf(above, sizeof(above), "../%s", file);
	return get_file(t, above);
}

static bool controllers_are_enabled_above_only_when_missing(void)
{
	auto_tree struct tree t = {};
	struct oci_cpu cpu = { .cpus = (char *)"0" };
	struct oci_resources res = { .cpu = &cpu };

	if (!CHECK(tree_make(&t, NULL)))
		return false;
	put_file(&t, "../cgroup.subtree_control", "");
	put_file(&t, "cpuset.cpus", "");
	if (!CHECK(update(&t, &res) == 0) ||
	    !CHECK_STR(get_above(&t, "cgroup.subtree_control"), ""))
		return false;
	put_file(&t, "cgroup.controllers", "memory pids");
	return CHECK(update(&t, &res) == -ENOENT) &&
	       CHECK_STR(get_above(&t, "cgroup.subtree_control"), "+cpu +cpuset +io");
}

/* ------------------------------------------------------------------------------- statistics */

static bool v2_statistics_come_in_v1_terms(void)
{
	auto_tree struct tree t = {};
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {};
	struct cgroup_stats stats;

	if (!CHECK(tree_make(&t, NULL)))
		return false;
	put_file(&t, "cpu.stat",
		 "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 7\nnr_throttled 1\n"
		 "throttled_usec 9\n");
	put_file(&t, "cpu.max", "25000 100000\n");
	put_file(&t, "cpu.pressure", "some avg10=1.50 avg60=0.00 avg300=0.25 total=77\n");
	put_file(&t, "cpuset.cpus.effective", "0-2,5\n");
	put_file(&t, "memory.current", "100\n");
	put_file(&t, "memory.max", "400\n");
	put_file(&t, "memory.swap.current", "10\n");
	put_file(&t, "memory.swap.max", "50\n");
	put_file(&t, "memory.stat", "anon 60\nfile 40\nkernel 3\n");
	put_file(&t, "memory.events", "low 0\nhigh 0\nmax 4\noom 1\noom_kill 1\n");
	put_file(&t, "pids.current", "3\n");
	put_file(&t, "pids.max", "max\n");
	put_file(&t, "io.stat", "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n");
	put_file(&t, "hugetlb.2MB.max", "max\n");
	put_file(&t, "hugetlb.2MB.current", "4096\n");
	if (!CHECK(cgroup_stats_read(&t.cg, &arena, &stats, &err) == 0) ||
	    !CHECK(stats.cpu.quota_us == 25000) || !CHECK(stats.cpu.period_us == 100000))
		return false;
	cgroup_stats_format(&stats, &out);
	return CHECK_STR(
		buf_str(&out),
		"{\"cpu\":{\"usage\":{\"total\":5000,\"kernel\":2000,\"user\":3000},"
		"\"throttling\":{\"periods\":7,\"throttledPeriods\":1,\"throttledTime\":9000},"
		"\"psi\":{\"some\":{\"avg10\":1.50,\"avg60\":0.00,\"avg300\":0.25,\"total\":77},"
		"\"full\":{\"avg10\":0.00,\"avg60\":0.00,\"avg300\":0.00,\"total\":0}}},"
		"\"cpuset\":{\"cpus\":[0,1,2,5]},"
		"\"memory\":{\"cache\":40,\"usage\":{\"limit\":400,\"usage\":100,\"failcnt\":4},"
		"\"swap\":{\"limit\":450,\"usage\":110,\"failcnt\":0},"
		"\"kernel\":{\"limit\":0,\"usage\":3,\"failcnt\":0},"
		"\"kernelTCP\":{\"limit\":0,\"failcnt\":0},"
		"\"raw\":{\"anon\":60,\"file\":40,\"kernel\":3}},"
		"\"pids\":{\"current\":3},"
		"\"blkio\":{\"ioServiceBytesRecursive\":["
		"{\"major\":8,\"op\":\"Read\",\"value\":10},"
		"{\"major\":8,\"op\":\"Write\",\"value\":20},{\"major\":8,\"op\":\"Discard\"}],"
		"\"ioServicedRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":1},"
		"{\"major\":8,\"op\":\"Write\",\"value\":2},{\"major\":8,\"op\":\"Discard\"}]},"
		"\"hugetlb\":{\"2MB\":{\"usage\":4096,\"failcnt\":0}}}");
}

int main(void)
{
	TEST(shares_become_weights_by_the_curve);
	TEST(block_weights_span_the_range_of_io);
	TEST(paths_are_below_the_roots);
	TEST(v2_swap_is_what_memory_leaves);
	TEST(contradictory_swap_is_refused);
	TEST(a_kernel_without_swap_is_told_from_no_swap);
	TEST(check_before_update_looks_at_what_is_used);
	TEST(v1_memory_has_its_own_files);
	TEST(what_v2_lacks_is_refused_by_name);
	TEST(v2_cpu_keeps_what_is_not_given);
	TEST(idle_goes_with_cpu);
	TEST(pids_zero_leaves_room_for_the_first);
	TEST(io_takes_the_file_that_exists);
	TEST(v1_blkio_has_its_own_files);
	TEST(hugetlb_limits_pages_and_their_reservation);
	TEST(rdma_and_network_write_a_line_each);
	TEST(unified_is_verbatim_and_never_a_path);
	TEST(nothing_asked_is_nothing_written);
	TEST(a_missing_controller_is_named);
	TEST(controllers_are_enabled_above_only_when_missing);
	TEST(v2_statistics_come_in_v1_terms);
	return tap_done();
}
