/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control groups on the machine as it is, for who may make them: as it is found, and where it is a
 * hybrid also its v1 and its v2 half taken alone. Every group is below /tare-test-PID and removed
 * at the end, also when a claim fails.
 */
#include "cg_group.h"
#include "rt/cgroup_stats.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool probe_finds_what_is_mounted(void)
{
	bool ok = CHECK(fs.mode != CGROUP_NONE) && CHECK(fs.n > 0);

	for (size_t i = 0; i < fs.n; i++)
		ok &= CHECK(fs.trees[i].mount_fd >= 0);
	if (fs.mode != CGROUP_V2)
		ok &= CHECK(cgroupfs_find_v1(&fs, CGROUP_MEMORY) != NULL ||
			    fs.mode == CGROUP_HYBRID);
	return ok;
}

static bool create_makes_and_remove_takes_away(void)
{
	auto_fixture struct fixture f = {};
	auto_cgroup struct cgroup again = {};

	if (!make(&f, "a/b", NULL))
		return false;
	cgroup_init(&again, &fs, 0);
	return CHECK(cgroup_open(&again, f.path, &err) == 0) &&
	       CHECK(cgroup_remove(&f.cg, &err) == 0) && CHECK(cgroup_remove(&f.cg, &err) == 0) &&
	       CHECK(cgroup_open(&again, f.path, &err) == -ENOENT) &&
	       CHECK(err.kind == ERR_NOT_FOUND);
}

static bool unmake_takes_only_what_create_made(void)
{
	auto_fixture struct fixture outer = {}, inner = {};
	auto_cgroup struct cgroup again = {};

	if (!make(&outer, "u", NULL) || !make(&inner, "u/v/w", NULL))
		return false;
	cgroup_unmake(&inner.cg);
	cgroup_init(&again, &fs, 0);
	return CHECK(cgroup_open(&again, inner.path, &err) == -ENOENT) &&
	       CHECK(cgroup_open(&again, outer.path, &err) == 0) &&
	       CHECK(cgroup_open_sub(&again, &outer.cg, "v", &err) == -ENOENT);
}

static bool an_inhabited_group_is_refused_unless_it_may_exist(void)
{
	auto_fixture struct fixture f = {};
	auto_cgroup struct cgroup second = {};

	if (!make(&f, "busy", NULL) || !CHECK(spawn_inside(&f, wait_forever)))
		return false;
	cgroup_init(&second, &fs, 0);
	return CHECK(cgroup_create(&second, f.path, NULL, 0, &err) == -EBUSY) &&
	       CHECK(err.kind == ERR_CONFLICT) && CHECK(strstr(err.msg, "not empty") != NULL) &&
	       CHECK(cgroup_create(&second, f.path, NULL, CGROUP_MAY_EXIST, &err) == 0);
}

static bool join_list_freeze_and_kill(void)
{
	auto_fixture struct fixture f = {};
	auto_arena struct arena arena = {};
	pid_t *pids;
	size_t n = 0;
	int status = 0;

	if (!make(&f, "life", NULL) || !CHECK(spawn_inside(&f, wait_forever)))
		return false;
	if (!CHECK(cgroup_pids(&f.cg, &arena, &pids, &n, &err) == 0) || !CHECK(n == 1) ||
	    !CHECK(pids[0] == f.child) || !CHECK(cgroup_is_frozen(&f.cg, &err) == 0) ||
	    !CHECK(cgroup_freeze(&f.cg, true, &err) == 0) ||
	    !CHECK(cgroup_is_frozen(&f.cg, &err) == 1) ||
	    !CHECK(cgroup_kill(&f.cg, SIGKILL, &err) == 0) ||
	    !CHECK(waitpid(f.child, &status, 0) == f.child))
		return false;
	f.child = 0;
	return CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) &&
	       CHECK(cgroup_is_populated(&f.cg, &err) == 0) &&
	       CHECK(cgroup_kill(&f.cg, SIGKILL, &err) == 0);
}

/* A process that forks and exits without pause: each child is the next parent. */
static void fork_forever(void)
{
	for (int i = 0; i < 100000; i++) {
		if (fork() > 0)
			_exit(0);
		(void)usleep(50);
	}
}

static bool kill_catches_who_forks_away(void)
{
	auto_fixture struct fixture f = {};
	int r;

	if (!make(&f, "forks", NULL) || !CHECK(spawn_inside(&f, fork_forever)))
		return false;
	(void)waitpid(f.child, NULL, 0);
	f.child = 0;
	r = cgroup_kill(&f.cg, SIGKILL, &err);
	return CHECK(r == 0) && CHECK(cgroup_remove(&f.cg, &err) == 0);
}

/* In how many hierarchies a group is. */
static int count_groups(const char *path)
{
	auto_cgroup struct cgroup cg = {};
	int n = 0;

	cgroup_init(&cg, &fs, 0);
	if (cgroup_open(&cg, path, &err) == 0)
		for (size_t i = 0; i < fs.n; i++)
			n += cg.dir_fds[i] >= 0;
	return n;
}

static bool who_lives_there_or_below_has_not_left(void)
{
	auto_fixture struct fixture f = {}, below = {}, inside = {};
	int n;

	if (!make(&f, "left", NULL) || !make(&below, "left/below", NULL) ||
	    !make(&inside, "inside", NULL) || !CHECK(spawn_inside(&inside, wait_forever)))
		return false;
	n = count_groups(f.path);
	return CHECK(n > 0) && CHECK(!cgroup_remove_left(&f.cg)) &&
	       CHECK(!cgroup_remove_left(&inside.cg)) && CHECK(count_groups(f.path) == n) &&
	       CHECK(count_groups(inside.path) == n) &&
	       CHECK(cgroup_is_populated(&inside.cg, &err) == 1) &&
	       CHECK(cgroup_remove(&below.cg, &err) == 0);
}

static bool what_all_have_left_goes_at_once(void)
{
	auto_fixture struct fixture f = {};
	int n;

	if (!make(&f, "left", NULL))
		return false;
	n = count_groups(f.path);
	return CHECK(n > 0) && CHECK(cgroup_remove_left(&f.cg)) &&
	       CHECK(count_groups(f.path) == n - 1) && CHECK(cgroup_remove(&f.cg, &err) == 0) &&
	       CHECK(count_groups(f.path) == 0);
}

static bool pids_are_found_below_and_removed_below(void)
{
	auto_fixture struct fixture f = {}, sub = {};
	auto_arena struct arena arena = {};
	pid_t *pids;
	size_t n = 0;

	if (!make(&f, "tree", NULL) || !make(&sub, "tree/x/y", NULL) ||
	    !CHECK(spawn_inside(&sub, wait_forever)))
		return false;
	if (!CHECK(cgroup_pids(&f.cg, &arena, &pids, &n, &err) == 0) || !CHECK(n == 1) ||
	    !CHECK(cgroup_kill(&f.cg, SIGKILL, &err) == 0))
		return false;
	(void)waitpid(sub.child, NULL, 0);
	sub.child = 0;
	return CHECK(cgroup_remove(&f.cg, &err) == 0) &&
	       CHECK(cgroup_open(&f.cg, sub.path, &err) < 0);
}

static bool limits_reach_the_kernel(void)
{
	auto_fixture struct fixture f = {};
	struct oci_memory mem = { .limit = { true, 64 << 20 }, .swap = { true, 96 << 20 } };
	struct oci_cpu cpu = { .shares = { true, 512 }, .quota = { true, 50000 },
			       .period = { true, 100000 } };
	struct oci_pids pids = { .limit = { true, 7 } };
	struct oci_resources res = { .memory = &mem, .cpu = &cpu, .pids = &pids };
	auto_arena struct arena arena = {};
	struct cgroup_stats stats;

	if (!make(&f, "limits", &res))
		return false;
	if (!CHECK(cgroup_apply(&f.cg, &res, &err) == 0)) {
		printf("# %s\n", err.msg);
		return false;
	}
	if (!CHECK(cgroup_stats_read(&f.cg, &arena, &stats, &err) == 0) ||
	    !CHECK(stats.memory.usage.limit == 64 << 20) ||
	    !CHECK(stats.memory.swap.limit == 96 << 20) || !CHECK(stats.pids_limit == 7))
		return false;
	/* both grow, then both shrink: the kernel wants either order */
	mem = (struct oci_memory){ .limit = { true, 200 << 20 }, .swap = { true, 300 << 20 } };
	if (!CHECK(cgroup_update(&f.cg, &res, &err) == 0))
		return false;
	mem = (struct oci_memory){ .limit = { true, 32 << 20 }, .swap = { true, 32 << 20 } };
	return CHECK(cgroup_update(&f.cg, &res, &err) == 0) &&
	       CHECK(cgroup_stats_read(&f.cg, &arena, &stats, &err) == 0) &&
	       CHECK(stats.memory.usage.limit == 32 << 20);
}

static bool refused_values_name_the_member(void)
{
	auto_fixture struct fixture f = {};
	struct oci_cpu cpu = { .cpus = (char *)"4000" };
	struct oci_resources res = { .cpu = &cpu };
	bool ok;

	if (!make(&f, "bad", &res))
		return false;
	ok = CHECK(cgroup_apply(&f.cg, &res, &err) < 0) &&
	     CHECK(strncmp(err.msg, "linux.resources.cpu.cpus: ", 26) == 0);
	cpu = (struct oci_cpu){ .period = { true, 3 }, .quota = { true, 1 } };
	return ok && CHECK(cgroup_apply(&f.cg, &res, &err) == -EINVAL) &&
	       CHECK(err.kind == ERR_USAGE) &&
	       CHECK(strncmp(err.msg, "linux.resources.cpu.", 20) == 0);
}

static void use_64_mib(void)
{
	char *p = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED)
		memset(p, 1, 64 << 20);
	wait_forever();
}

/* On v2 it is also told who comes and goes, and that is no kill. */
static int wait_for_kill(struct fixture *f, int fd, uint64_t *seen)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int r;

	do {
		if (!CHECK(poll(&pfd, 1, 20000) == 1))
			return -ETIMEDOUT;
		r = cgroup_oom_consume(&f->cg, fd, seen, &err);
	} while (r == 0);
	return r;
}

static bool oom_kills_are_told(void)
{
	auto_fixture struct fixture f = {};
	struct oci_memory mem = { .limit = { true, 16 << 20 }, .swap = { true, 16 << 20 } };
	struct oci_resources res = { .memory = &mem };
	auto_close int fd = -1;
	uint64_t seen = 0;

	if (!make(&f, "oom", &res) || !CHECK(cgroup_apply(&f.cg, &res, &err) == 0) ||
	    !CHECK(cgroup_oom_open(&f.cg, &fd, &err) == 0) ||
	    !CHECK(cgroup_oom_consume(&f.cg, fd, &seen, &err) <= 0) ||
	    !CHECK(spawn_inside(&f, use_64_mib)) || !CHECK(wait_for_kill(&f, fd, &seen) == 1))
		return false;
	(void)waitpid(f.child, NULL, 0);
	f.child = 0;
	return CHECK(cgroup_remove(&f.cg, &err) == 0) &&
	       CHECK(cgroup_oom_consume(&f.cg, fd, &seen, &err) == -ESRCH);
}

/* Exits with 0 when exactly null may be opened, and its node be made. */
static void try_devices(void)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int kmsg_fd = open("/dev/kmsg", O_RDONLY | O_CLOEXEC);

	_exit(null_fd >= 0 && kmsg_fd < 0 && errno == EPERM ? 0 : 1);
}

static int exit_status(struct fixture *f)
{
	int status = 0;

	(void)waitpid(f->child, &status, 0);
	f->child = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool devices_are_denied_but_the_runtimes_own(void)
{
	auto_fixture struct fixture f = {};

	return make(&f, "dev", NULL) && CHECK(cgroup_apply(&f.cg, NULL, &err) == 0) &&
	       CHECK(spawn_inside(&f, try_devices)) && CHECK(exit_status(&f) == 0);
}

static void try_null_and_kmsg(void)
{
	int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int null_write_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int kmsg_fd = open("/dev/kmsg", O_RDONLY | O_CLOEXEC);

	_exit((null_fd >= 0) | (null_write_fd >= 0) << 1 | (kmsg_fd >= 0) << 2);
}

static bool device_rules_can_be_replaced(void)
{
	auto_fixture struct fixture f = {};
	struct oci_device_rule kmsg = { true, (char *)"c", { true, 1 }, { true, 11 },
					(char *)"r" };
	struct oci_device_rule all = { .allow = true };
	struct oci_resources res = {};

	if (!make(&f, "redev", NULL) || !CHECK(cgroup_apply(&f.cg, NULL, &err) == 0))
		return false;
	res.devices.v = &kmsg;
	res.devices.n = 1;
	if (!CHECK(cgroup_update(&f.cg, &res, &err) == 0) ||
	    !CHECK(spawn_inside(&f, try_null_and_kmsg)) || !CHECK(exit_status(&f) == 7))
		return false;
	kmsg.allow = false;
	if (!CHECK(cgroup_update(&f.cg, &res, &err) == 0) ||
	    !CHECK(spawn_inside(&f, try_null_and_kmsg)) || !CHECK(exit_status(&f) == 3))
		return false;
	res.devices.v = &all;
	return CHECK(cgroup_update(&f.cg, &res, &err) == 0) &&
	       CHECK(spawn_inside(&f, try_null_and_kmsg)) && CHECK(exit_status(&f) == 7) &&
	       CHECK(cgroup_apply(&f.cg, NULL, &err) == 0) &&
	       CHECK(spawn_inside(&f, try_null_and_kmsg)) && CHECK(exit_status(&f) == 3);
}

static void spin(void)
{
	while (getppid());
}

static bool statistics_are_json(void)
{
	auto_fixture struct fixture f = {};
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {};
	struct cgroup_stats stats;

	if (!make(&f, "stats", NULL) || !CHECK(spawn_inside(&f, spin)))
		return false;
	do {
		if (!CHECK(cgroup_stats_read(&f.cg, &arena, &stats, &err) == 0))
			return false;
	} while (stats.cpu.total_ns == 0);
	cgroup_stats_format(&stats, &out);
	return CHECK(strncmp(buf_str(&out), "{\"cpu\":{\"usage\":{", 17) == 0) &&
	       CHECK(stats.cpu.total_ns > 0) &&
	       CHECK(fs.mode == CGROUP_V2 || stats.pids_current == 1);
}

/* The views that a container's cgroup mounts are made of. */
static bool hierarchies_are_named_for_mounting(void)
{
	auto_fixture struct fixture f = {};
	struct cgroup_hierarchy views[CGROUPFS_TREES_MAX];
	bool ok = true;
	size_t n;

	if (!make(&f, "views", NULL))
		return false;
	n = cgroup_hierarchies(&f.cg, views);
	for (size_t i = 0; i < n; i++) {
		ok &= CHECK(views[i].v2 == (*views[i].option == '\0'));
		ok &= CHECK(views[i].dir_fd >= 0 || (views[i].v2 && fs.mode == CGROUP_HYBRID));
		if (strcmp(views[i].mount_name, "systemd") == 0)
			ok &= CHECK_STR(views[i].option, "none,name=systemd");
	}
	return ok && CHECK(n == fs.n);
}

/* Where the kernel has the controller there is no such device, and its file is named instead. */
static bool missing_controllers_are_named(void)
{
	auto_fixture struct fixture f = {};
	struct oci_rdma rdma = { .device = (char *)"mlx5", .hca_handles = { true, 1 } };
	struct oci_resources res = { .rdma = { &rdma, 1 } };
	int r;

	cgroup_init(&f.cg, &fs, CGROUP_ROOTLESS);
	(void)snprintf(f.path, sizeof(f.path), "%s/%s", base, "norights");
	r = cgroup_create(&f.cg, f.path, &res, 0, &err);
	if (r == 0)
		r = cgroup_apply(&f.cg, &res, &err);
	return CHECK(r < 0) && CHECK(strstr(err.msg, "linux.resources.rdma") != NULL) &&
	       CHECK(strstr(err.msg, "'rdma") != NULL);
}

/* The hierarchies that a process without rights can't write are left out, and no more. */
static void try_without_rights(void)
{
	auto_cgroup struct cgroup cg = {};
	struct oci_memory mem = { .limit = { true, 1 << 20 } };
	struct oci_resources res = { .memory = &mem };
	bool ok = setuid(65534) == 0;

	cgroup_init(&cg, &fs, CGROUP_ROOTLESS);
	ok = ok && CHECK(cgroup_create(&cg, "/tare-test-nobody", NULL, 0, &err) == 0) &&
	     CHECK(cgroup_apply(&cg, NULL, &err) == 0) &&
	     CHECK(cgroup_open_tasks(&cg, NULL, 0, &err) == 0) &&
	     CHECK(cgroup_is_populated(&cg, &err) == 0) &&
	     CHECK(cgroup_apply(&cg, &res, &err) < 0) && CHECK(strstr(err.msg, "'memory'")) &&
	     CHECK(err.hint[0] || fs.mode == CGROUP_V2) && CHECK(cgroup_remove(&cg, &err) == 0);
	cgroup_init(&cg, &fs, 0);
	ok = ok && CHECK(cgroup_create(&cg, "/tare-test-nobody", NULL, 0, &err) == -EACCES);
	fflush(stdout);
	_exit(ok ? 0 : 1);
}

static bool without_rights_limits_are_left_out_unless_asked_for(void)
{
	struct fixture f = {};

	fflush(stdout);
	f.child = fork();
	if (f.child == 0)
		try_without_rights();
	return CHECK(exit_status(&f) == 0);
}

static bool a_process_is_followed_into_its_group(void)
{
	auto_fixture struct fixture f = {};
	auto_cgroup struct cgroup followed = {};
	auto_arena struct arena arena = {};
	pid_t *pids;
	size_t n = 0;

	if (!make(&f, "follow", NULL) || !CHECK(spawn_inside(&f, wait_forever)))
		return false;
	cgroup_init(&followed, &fs, 0);
	return CHECK(cgroup_open_pid(&followed, f.child, &err) == 0) &&
	       CHECK(cgroup_pids(&followed, &arena, &pids, &n, &err) == 0) && CHECK(n == 1) &&
	       CHECK(pids[0] == f.child) &&
	       CHECK(cgroup_kill(&followed, SIGKILL, &err) == -EINVAL) &&
	       CHECK(cgroup_remove(&followed, &err) == -EINVAL) &&
	       CHECK(cgroup_freeze(&followed, true, &err) == -EINVAL) &&
	       CHECK(cgroup_open_pid(&followed, 4194305, &err) == -ESRCH);
}

/* The descriptor is one that clone3 takes: the child is inside from its first moment. */
static bool v2_children_are_born_inside(void)
{
	auto_fixture struct fixture f = {};
	auto_arena struct arena arena = {};
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	pid_t *pids;
	size_t n = 0;

	if (!make(&f, "born", NULL))
		return false;
	if (cgroup_v2_fd(&f.cg) < 0)
		return CHECK(fs.mode != CGROUP_V2);
	args.cgroup = (uint64_t)cgroup_v2_fd(&f.cg);
	f.child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (f.child == 0)
		wait_forever();
	return CHECK(f.child > 0) &&
	       CHECK(cgroup_pids(&f.cg, &arena, &pids, &n, &err) == 0) && CHECK(n == 1) &&
	       CHECK(pids[0] == f.child);
}

/* What the v2 half of a hybrid has no controller for can't be claimed there. */
enum needs { ANY, MEMORY };

static const struct {
	const char *name;
	bool (*holds)(void);
	enum needs needs;
} claims[] = {
#define CLAIM(name, needs) { #name, name, needs }
	CLAIM(probe_finds_what_is_mounted, ANY),
	CLAIM(create_makes_and_remove_takes_away, ANY),
	CLAIM(unmake_takes_only_what_create_made, ANY),
	CLAIM(an_inhabited_group_is_refused_unless_it_may_exist, ANY),
	CLAIM(join_list_freeze_and_kill, ANY),
	CLAIM(kill_catches_who_forks_away, ANY),
	CLAIM(who_lives_there_or_below_has_not_left, ANY),
	CLAIM(what_all_have_left_goes_at_once, ANY),
	CLAIM(pids_are_found_below_and_removed_below, ANY),
	CLAIM(limits_reach_the_kernel, MEMORY),
	CLAIM(refused_values_name_the_member, MEMORY),
	CLAIM(oom_kills_are_told, MEMORY),
	CLAIM(devices_are_denied_but_the_runtimes_own, ANY),
	CLAIM(device_rules_can_be_replaced, ANY),
	CLAIM(statistics_are_json, ANY),
	CLAIM(hierarchies_are_named_for_mounting, ANY),
	CLAIM(missing_controllers_are_named, ANY),
	CLAIM(without_rights_limits_are_left_out_unless_asked_for, ANY),
	CLAIM(v2_children_are_born_inside, ANY),
	CLAIM(a_process_is_followed_into_its_group, ANY),
};

static bool has_memory(void)
{
	char list[512];

	if (fs.mode != CGROUP_V2)
		return cgroupfs_find_v1(&fs, CGROUP_MEMORY) != NULL;
	return cgroupfs_read(fs.trees[0].mount_fd, "cgroup.controllers", list, sizeof(list)) > 0 &&
	       strstr(list, "memory") != NULL && strstr(list, "cpuset") != NULL;
}

/* Put all claims to the hierarchies that `fs` has. */
static void test_all(const char *what)
{
	auto_cgroup struct cgroup own = {};
	char name[128];

	for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
		(void)snprintf(name, sizeof(name), "%s: %s", what, claims[i].name);
		if (claims[i].needs == MEMORY && !has_memory())
			printf("ok %d - %s # SKIP no memory controller\n", ++tap_count, name);
		else
			tap_result(claims[i].holds(), name);
	}
	cgroup_init(&own, &fs, 0);
	if (cgroup_open(&own, base, &err) == 0)
		(void)cgroup_remove(&own, &err);
	cgroupfs_done(&fs);
}

int main(void)
{
	bool hybrid;

	if (geteuid() != 0 || cgroupfs_open(&fs, &err) < 0) {
		SKIP(control_groups, "only for root with control groups");
		return tap_done();
	}
	hybrid = fs.mode == CGROUP_HYBRID;
	(void)snprintf(base, sizeof(base), "/tare-test-%d", (int)getpid());
	test_all("as it is");
	if (hybrid && cgroupfs_open_at(&fs, CGROUP_V1, "/sys/fs/cgroup", &err) == 0)
		test_all("v1");
	if (hybrid && cgroupfs_open_at(&fs, CGROUP_V2, "/sys/fs/cgroup/unified", &err) == 0)
		test_all("v2");
	return tap_done();
}
