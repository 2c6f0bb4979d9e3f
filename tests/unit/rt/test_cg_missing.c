/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a controller is missing, on machines of every kind, and what is advised. The trees are plain
 * directories, and what the kernel says is written here.
 */
#include "rt/cg_missing.h"
#include "tap.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMBER "linux.resources.memory.limit"

#define HEAD "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"

static struct err err;

struct machine {
	char root[64];
	struct cgroupfs fs;
	struct cgroup cg;
	struct cg_lack lack;
};

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void machine_done(struct machine *m)
{
	cgroup_done(&m->cg);
	cgroupfs_done(&m->fs);
	(void)nftw(m->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
#define auto_machine auto_cleanup(machine_done)

static void put_file(const struct machine *m, const char *file, const char *text)
{
	char path[192];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", m->root, file);
	f = fopen(path, "w");
	if (!f)
		return;
	(void)fputs(text, f);
	(void)fclose(f);
}

static bool make_dirs(const struct machine *m, const char *const *dirs)
{
	char path[192];

	for (; *dirs; dirs++) {
		(void)snprintf(path, sizeof(path), "%s/%s", m->root, *dirs);
		if (mkdir(path, 0755) < 0)
			return false;
	}
	return true;
}

/* Root's group /tare/box. Hierarchies of v1 are the directories `v1`, NULL: it is a v2 machine. */
static bool machine_make(struct machine *m, const char *v1, const char *kernel_list)
{
	const char *dirs[] = { "tare", "tare/box", NULL }, *hierarchies[] = { v1, NULL };

	(void)snprintf(m->root, sizeof(m->root), "/tmp/tare-test-%d.XXXXXX", (int)getpid());
	if (!mkdtemp(m->root) || !make_dirs(m, v1 ? hierarchies : dirs) ||
	    cgroupfs_open_at(&m->fs, v1 ? CGROUP_V1 : CGROUP_V2, m->root, &err) < 0)
		return false;
	cgroup_init(&m->cg, &m->fs, 0);
	m->cg.path = strdup("/tare/box");
	m->lack = (struct cg_lack){ .cg = &m->cg, .controller = CGROUP_MEMORY,
				    .kernel_list = kernel_list, .command_line = "" };
	return true;
}

/* The reason and the hint, the latter with our directory as @. */
static bool describes(const struct machine *m, const char *reason, const char *hint)
{
	char expected[512], seen[512], *at;
	size_t len = strlen(m->root);

	err = (struct err){};
	(void)snprintf(expected, sizeof(expected), MEMBER ": the cgroup controller '%s' is not "
		       "available for '/tare/box': %s",
		       cgroup_controller_name(m->lack.controller), reason);
	if (!CHECK(cg_lack_describe(&m->lack, MEMBER, &err) == -ENOENT) ||
	    !CHECK(err.kind == ERR_USAGE) || !CHECK_STR(err.msg, expected))
		return false;
	(void)snprintf(seen, sizeof(seen), "%s", err.hint);
	while ((at = strstr(seen, m->root))) {
		*at = '@';
		memmove(at + 1, at + len, strlen(at + len) + 1);
	}
	return CHECK_STR(seen, hint);
}

static bool one_that_was_not_built_is_named_as_in_the_kernels_configuration(void)
{
	auto_machine struct machine m = {};

	return CHECK(machine_make(&m, NULL, HEAD "cpu\t0\t1\t1\n")) &&
	       describes(&m, "this kernel was built without it (CONFIG_MEMCG)", "");
}

static bool one_that_is_disabled_is_enabled_on_the_command_line(void)
{
	auto_machine struct machine m = {};

	if (!CHECK(machine_make(&m, NULL, HEAD "memory\t0\t1\t0\n")) ||
	    !describes(&m, "it is disabled on the kernel's command line",
		       "add this to the kernel's command line, and reboot:\n"
		       "      cgroup_enable=memory swapaccount=1"))
		return false;
	m.lack.command_line = "quiet cgroup_disable=memory ro\n";
	return describes(&m, "it is disabled on the kernel's command line",
			 "take 'cgroup_disable=memory' off the kernel's command line, and reboot");
}

static bool a_hierarchy_of_v1_is_mounted_with_all_its_controllers(void)
{
	static const char list[] = HEAD "cpu\t2\t1\t1\ncpuacct\t2\t1\t1\nmemory\t3\t1\t1\n"
					"net_cls\t0\t1\t1\n";
	auto_machine struct machine m = {};

	if (!CHECK(machine_make(&m, "pids", list)) ||
	    !describes(&m, "its cgroup v1 hierarchy is not mounted",
		       "these lines mount it:\n"
		       "      mkdir -p /sys/fs/cgroup/memory\n"
		       "      mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory"))
		return false;
	m.lack.controller = CGROUP_CPU;
	m.lack.uid = 1000;
	if (!describes(&m, "its cgroup v1 hierarchy is not mounted",
		       "these lines, as root, mount it:\n"
		       "      mkdir -p /sys/fs/cgroup/cpu,cpuacct\n"
		       "      mount -t cgroup -o cpu,cpuacct cgroup /sys/fs/cgroup/cpu,cpuacct"))
		return false;
	m.lack.controller = CGROUP_NET_CLS; /* bound to none yet */
	(void)cg_lack_describe(&m.lack, MEMBER, &err);
	return CHECK(strstr(err.hint, "mount -t cgroup -o net_cls cgroup"));
}

static bool a_group_of_v1_is_given_by_root(void)
{
	auto_machine struct machine m = {};

	if (!CHECK(machine_make(&m, "memory", HEAD "memory\t3\t1\t1\n")))
		return false;
	m.cg.flags = CGROUP_ROOTLESS;
	m.lack.uid = 1000;
	return describes(&m, "it is not delegated to user 1000",
			 "these lines, as root, give it to you:\n"
			 "      mkdir -p @/memory/tare\n"
			 "      chown -R 1000 @/memory/tare");
}

static bool systemd_delegates_what_it_can(void)
{
	auto_machine struct machine m = {};

	if (!CHECK(machine_make(&m, NULL, HEAD "memory\t0\t1\t1\n")))
		return false;
	put_file(&m, "cgroup.controllers", "cpu memory hugetlb");
	put_file(&m, "cgroup.subtree_control", "memory");
	m.lack.uid = 1000;
	m.lack.failure = -EACCES;
	m.lack.has_systemd = true;
	if (!describes(&m, "it is not delegated to user 1000",
		       "to have it delegated, put these lines into "
		       "/etc/systemd/system/user@.service.d/delegate.conf, and log in again:\n"
		       "      [Service]\n"
		       "      Delegate=cpu cpuset io memory pids"))
		return false;
	m.lack.controller = CGROUP_HUGETLB;
	return describes(&m, "it is not delegated to user 1000",
			 "this, as root, enables it:\n"
			 "      echo +hugetlb >@/cgroup.subtree_control\n"
			 "      echo +hugetlb >@/tare/cgroup.subtree_control");
}

static bool without_systemd_a_controller_is_enabled_in_each_group_above(void)
{
	auto_machine struct machine m = {};

	if (!CHECK(machine_make(&m, NULL, HEAD "memory\t0\t1\t1\n")))
		return false;
	put_file(&m, "cgroup.controllers", "cpu memory");
	put_file(&m, "cgroup.subtree_control", "cpu memory");
	if (!describes(&m, "the cgroup above does not hand it down",
		       "this enables it:\n"
		       "      echo +memory >@/tare/cgroup.subtree_control"))
		return false;
	put_file(&m, "cgroup.subtree_control", "cpu");
	return describes(&m, "the cgroup above does not hand it down",
			 "this enables it:\n"
			 "      echo +memory >@/cgroup.subtree_control\n"
			 "      echo +memory >@/tare/cgroup.subtree_control");
}

static bool a_group_with_processes_is_named(void)
{
	auto_machine struct machine m = {};

	if (!CHECK(machine_make(&m, NULL, HEAD "memory\t0\t1\t1\n")))
		return false;
	put_file(&m, "cgroup.controllers", "memory");
	put_file(&m, "cgroup.subtree_control", "memory");
	put_file(&m, "tare/cgroup.procs", "17\n");
	m.lack.failure = -EBUSY;
	return describes(&m, "a cgroup above holds processes, so it can't limit others",
			 "move the processes of '/tare' to a group below it:\n"
			 "      cd @/tare && mkdir -p own\n"
			 "      for p in $(cat cgroup.procs); do echo $p >own/cgroup.procs; done");
}

static bool a_container_is_told_to_ask_outside(void)
{
	auto_machine struct machine m = {};

	if (!CHECK(machine_make(&m, NULL, HEAD "memory\t0\t1\t1\n")))
		return false;
	put_file(&m, "cgroup.controllers", "pids");
	if (!describes(&m, "the cgroup that is mounted here was not given it",
		       "whoever made this cgroup has to hand it down; for a unit of systemd's, "
		       "these lines do:\n"
		       "      [Service]\n"
		       "      Delegate=yes"))
		return false;
	m.lack.failure = -EROFS;
	return describes(&m, "cgroups are read-only here",
			 "this makes them writable:\n      mount -o remount,rw @");
}

/* Newer kernels list only what v1 has. */
static bool what_the_v2_root_has_is_there_though_the_kernel_does_not_list_it(void)
{
	auto_machine struct machine m = {};

	if (!CHECK(machine_make(&m, NULL, "")))
		return false;
	put_file(&m, "cgroup.controllers", "memory");
	(void)cg_lack_describe(&m.lack, MEMBER, &err);
	return CHECK(strstr(err.msg, "the cgroup above does not hand it down"));
}

int main(void)
{
	TEST(one_that_was_not_built_is_named_as_in_the_kernels_configuration);
	TEST(one_that_is_disabled_is_enabled_on_the_command_line);
	TEST(a_hierarchy_of_v1_is_mounted_with_all_its_controllers);
	TEST(a_group_of_v1_is_given_by_root);
	TEST(systemd_delegates_what_it_can);
	TEST(without_systemd_a_controller_is_enabled_in_each_group_above);
	TEST(a_group_with_processes_is_named);
	TEST(a_container_is_told_to_ask_outside);
	TEST(what_the_v2_root_has_is_there_though_the_kernel_does_not_list_it);
	return tap_done();
}
