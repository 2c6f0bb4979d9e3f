/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking for files in groups that are there already: none is made for it. The root of a hierarchy
 * lacks most files, so its children are asked, and on v2 only one that was given the controller can
 * tell.
 */
#include "sys/probe.h"

#include "base/cleanup.h"
#include "sys/cgroupfs.h"

#include <dirent.h>
#include <fcntl.h>

static bool names_controller(int dir_fd, int controller)
{
	uint32_t bits = 0;

	return controller < 0 ||
	       (cgroupfs_read_controllers(dir_fd, "cgroup.controllers", &bits) == 0 &&
		(bits & CGROUP_BIT(controller)));
}

static bool has_file(int dir_fd, const char *file)
{
	return faccessat(dir_fd, file, F_OK, 0) == 0;
}

static DIR *open_list(int mount_fd)
{
	auto_close int fd = openat(mount_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir)
		(void)take_fd(&fd);
	return dir;
}

/* The first group below the root that can tell; one that vanishes meanwhile can't. */
static enum probe_answer ask_children(const struct cgroupfs_tree *tree, int controller,
				      const char *file)
{
	auto_closedir DIR *dir = open_list(tree->mount_fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		auto_close int fd = -1;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		fd = openat(tree->mount_fd, entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || (tree->v2 && !names_controller(fd, controller)))
			continue;
		if (has_file(fd, file))
			return PROBE_YES;
		if (has_file(fd, "cgroup.procs"))
			return PROBE_NO;
	}
	return PROBE_UNKNOWN;
}

static enum probe_answer ask_tree(const struct cgroupfs_tree *tree, int controller,
				  const char *file)
{
	if (!file)
		return PROBE_NO;
	return has_file(tree->mount_fd, file) ? PROBE_YES : ask_children(tree, controller, file);
}

enum probe_answer probe_group_file(int controller, const char *v1, const char *v2)
{
	auto_cgroupfs struct cgroupfs fs = {};
	const struct cgroupfs_tree *tree = NULL;
	struct err ignored;

	if (cgroupfs_open(&fs, &ignored) < 0)
		return PROBE_NO;
	if (controller >= 0)
		tree = cgroupfs_find_v1(&fs, (enum cgroup_controller)controller);
	if (tree)
		return ask_tree(tree, controller, v1);
	tree = cgroupfs_find_v2(&fs);
	if (!tree || !names_controller(tree->mount_fd, controller))
		return PROBE_NO;
	return ask_tree(tree, controller, v2);
}
