/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathering what `tare info` tells. Nothing fails: what can't be found out is left at its default,
 * and the caller says that it is unknown.
 */
#include "engine/info.h"

#include "base/cleanup.h"
#include "oci/list.h"
#include "sys/cgroupfs.h"
#include "sys/lsm.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

static void gather_machine(struct arena *arena, struct info *info)
{
	struct utsname names;
	struct sysinfo sizes;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	info->version = TARE_VERSION;
	info->uid = geteuid();
	info->cpus = cpus > 0 ? (uint32_t)cpus : 1;
	if (uname(&names) == 0) {
		info->kernel = arena_printf(arena, "%s %s", names.sysname, names.release);
		info->machine = arena_strdup(arena, names.machine);
	}
	if (sysinfo(&sizes) == 0) {
		info->memory_bytes = (uint64_t)sizes.totalram * sizes.mem_unit;
		info->swap_bytes = (uint64_t)sizes.totalswap * sizes.mem_unit;
	}
}

/* ------------------------------------------------------------------------------- cgroups */

static bool may_write(int dir_fd)
{
	return faccessat(dir_fd, ".", W_OK, AT_EACCESS) == 0;
}

/* What the group that we are in was given, if it is ours; root's is the root's. */
static uint32_t delegated_v2(const struct cgroupfs_tree *tree, uint32_t all)
{
	auto_buf struct buf path = {};
	auto_close int fd = -1;
	struct err ignored;
	uint32_t bits = 0;

	if (may_write(tree->mount_fd))
		return all;
	if (cgroupfs_path_of(tree, 0, &path, &ignored) < 0)
		return 0;
	fd = openat(tree->mount_fd, path.len > 1 ? path.data + 1 : ".",
		    O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && may_write(fd))
		(void)cgroupfs_read_controllers(fd, "cgroup.controllers", &bits);
	return bits;
}

static void name_bits(uint32_t bits, struct arena *arena, struct oci_strings *ret)
{
	for (int i = 0; i < CGROUP_CONTROLLER_MAX_; i++)
		if (bits & CGROUP_BIT(i))
			strings_add(ret, arena,
				    arena_strdup(arena, cgroup_controller_name(
								(enum cgroup_controller)i)));
}

static void gather_cgroup(struct arena *arena, struct info_cgroup *cgroup)
{
	static const char *const kinds[] = { [CGROUP_NONE] = "none", [CGROUP_V1] = "v1",
					     [CGROUP_HYBRID] = "hybrid", [CGROUP_V2] = "v2" };
	auto_cgroupfs struct cgroupfs fs = {};
	uint32_t all = 0, usable = 0, bits;
	struct err ignored;

	(void)cgroupfs_open(&fs, &ignored);
	cgroup->kind = kinds[fs.mode];
	cgroup->manager = "cgroupfs";
	cgroup->has_systemd = access("/run/systemd/system", F_OK) == 0;
	for (size_t i = 0; i < fs.n; i++) {
		const struct cgroupfs_tree *tree = &fs.trees[i];

		bits = tree->controllers;
		if (tree->v2)
			(void)cgroupfs_read_controllers(tree->mount_fd, "cgroup.controllers",
							&bits);
		all |= bits;
		if (tree->v2)
			usable |= delegated_v2(tree, bits);
		else if (may_write(tree->mount_fd))
			usable |= bits;
	}
	name_bits(all, arena, &cgroup->controllers);
	name_bits(usable, arena, &cgroup->usable);
}

/* ------------------------------------------------------------------------------- the rest */

static void gather_security(struct info_security *security)
{
	auto_close int proc_fd = -1;
	struct err ignored;

	security->seccomp = probe(PROBE_SECCOMP) == PROBE_YES;
	security->seccomp_profile = SECCOMP_BUILTIN;
	security->user_namespaces = probe(PROBE_USER_NAMESPACES) == PROBE_YES;
	if (proc_open(&proc_fd, &ignored) < 0)
		return;
	security->apparmor = lsm_is_active(proc_fd, LSM_APPARMOR);
	security->selinux = lsm_is_active(proc_fd, LSM_SELINUX);
}

static void gather_containers(const struct engine *engine, struct info_containers *containers)
{
	size_t counts[STATUS_KIND_MAX_] = {};
	struct err ignored;

	if (engine_count(engine, counts, &ignored) < 0)
		return;
	containers->is_known = true;
	containers->created = (uint32_t)counts[STATUS_CREATED];
	containers->running = (uint32_t)counts[STATUS_RUNNING];
	containers->paused = (uint32_t)counts[STATUS_PAUSED];
	containers->exited = (uint32_t)counts[STATUS_EXITED];
}

static void gather_features(struct arena *arena, struct info *info)
{
	for (int i = 0; i < PROBE_FEATURE_MAX_; i++) {
		const struct probe_row *row = &probe_rows[i];

		*list_add(&info->features, arena) = (struct info_feature){
			row->name, row->purpose, row->since, row->without,
			(int)probe((enum probe_feature)i),
		};
	}
}

void info_gather(const struct engine *engine, struct arena *arena, struct info *ret)
{
	*ret = (struct info){ .root = engine->root };
	gather_machine(arena, ret);
	gather_cgroup(arena, &ret->cgroup);
	gather_security(&ret->security);
	gather_containers(engine, &ret->containers);
	gather_features(arena, ret);
}
