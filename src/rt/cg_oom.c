/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Being told when the kernel kills in a container for lack of memory. v1 signals an eventfd, also
 * when the group is removed; on v2 the file that counts kills is watched, and that which says
 * whether anyone is left.
 */
#include "rt/cg.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

/* The memory controller's group and whether it is of v2; -1: there is none. */
static int memory_fd(const struct cgroup *cg, bool *ret_v2)
{
	const struct cgroupfs_tree *tree = cgroupfs_find_v1(cg->fs, CGROUP_MEMORY);

	*ret_v2 = !tree;
	return tree ? cg->dir_fds[tree - cg->fs->trees] : cgroup_v2_fd(cg);
}

static int open_v1(int dir_fd, int *ret_fd)
{
	auto_close int control_fd = openat(dir_fd, "memory.oom_control", O_RDONLY | O_CLOEXEC);
	auto_close int event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	char text[32];
	int r;

	if (control_fd < 0 || event_fd < 0)
		return -errno;
	(void)snprintf(text, sizeof(text), "%d %d", event_fd, control_fd);
	r = cgroupfs_write(dir_fd, "cgroup.event_control", text);
	if (r == 0)
		*ret_fd = take_fd(&event_fd);
	return r;
}

/* inotify wants a path; the group is known by its descriptor. */
static int watch(int inotify_fd, int dir_fd, const char *file)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir_fd, file);
	return inotify_add_watch(inotify_fd, path, IN_MODIFY) < 0 ? -errno : 0;
}

static int open_v2(int dir_fd, int *ret_fd)
{
	auto_close int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int r = fd < 0 ? -errno : watch(fd, dir_fd, "memory.events");

	if (r == 0)
		r = watch(fd, dir_fd, "cgroup.events");
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

int cgroup_oom_open(const struct cgroup *cg, int *ret_fd, struct err *err)
{
	bool v2;
	int dir_fd = memory_fd(cg, &v2), r;

	if (dir_fd < 0)
		return err_set(err, ERR_NOT_FOUND, ENOENT,
			       "cgroup '%s' has no memory controller to watch", cg->path);
	r = v2 ? open_v2(dir_fd, ret_fd) : open_v1(dir_fd, ret_fd);
	return r < 0 ? err_sys(err, -r, "watch cgroup '%s' for lack of memory", cg->path) : 0;
}

/* Empty what `fd` holds. 1 when there was something. */
static int drain(int fd)
{
	char events[4096] __attribute__((aligned(8)));
	bool any = false;

	while (read(fd, events, sizeof(events)) > 0)
		any = true;
	return any;
}

/* The count of kills so far, a line of the file. A negative errno: it is gone. */
static int read_kills(int dir_fd, bool v2, uint64_t *ret)
{
	char text[512];
	const char *line;
	int r = cgroupfs_read(dir_fd, v2 ? "memory.events" : "memory.oom_control", text,
			      sizeof(text));

	if (r < 0)
		return r;
	line = strstr(text, "\noom_kill "); /* the first in neither file */
	*ret = line ? strtoull(line + strlen("\noom_kill "), NULL, 10) : 0;
	return 0;
}

uint32_t cgroup_oom_kills(const struct cgroup *cg)
{
	uint64_t kills = 0;
	bool v2;
	int dir_fd = memory_fd(cg, &v2);

	if (dir_fd < 0 || read_kills(dir_fd, v2, &kills) < 0)
		return 0;
	return kills < UINT32_MAX ? (uint32_t)kills : UINT32_MAX;
}

int cgroup_oom_consume(const struct cgroup *cg, int fd, uint64_t *seen, struct err *err)
{
	uint64_t kills, before = *seen;
	bool v2;
	int dir_fd = memory_fd(cg, &v2), any = drain(fd);

	if (dir_fd < 0 || read_kills(dir_fd, v2, &kills) < 0)
		return err_set(err, ERR_NOT_FOUND, ESRCH, "cgroup '%s' is gone", cg->path);
	*seen = kills;
	/* v1 tells before it kills, and not what for otherwise */
	if (kills > before || (!v2 && any))
		return 1;
	if (v2 && cg_dir_populated(dir_fd) == 0)
		return err_set(err, ERR_NOT_FOUND, ESRCH, "cgroup '%s' is empty", cg->path);
	return 0;
}
