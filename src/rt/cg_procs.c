/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is in a container's groups, and how one gets in.
 *
 * A v1 child joins through `tasks`, by itself: the kernel moves a thread that moves only itself
 * without waiting for the rest of the machine. `cgroup.procs` moves whole processes and waits, so
 * it is for those that are not single-threaded or not ours to run code in.
 */
#include "base/num.h"
#include "rt/cg.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------- joining */

static void close_all(int *fds, int n)
{
	for (int i = 0; i < n; i++)
		closep(&fds[i]);
}

int cgroup_open_tasks(const struct cgroup *cg, int *ret_fds, size_t n, struct err *err)
{
	size_t opened = 0;

	for (size_t i = 0; i < cg->fs->n; i++) {
		int fd;

		if (cg->fs->trees[i].v2 || cg->dir_fds[i] < 0)
			continue;
		fd = opened < n ? openat(cg->dir_fds[i], "tasks", O_WRONLY | O_CLOEXEC) : -1;
		if (fd < 0) {
			int no = opened < n ? errno : EOVERFLOW;

			close_all(ret_fds, (int)opened);
			return err_sys(err, no, "open 'tasks' of cgroup '%s' (%s)", cg->path,
				       cg_tree_label(&cg->fs->trees[i]));
		}
		ret_fds[opened++] = fd;
	}
	return (int)opened;
}

int cgroup_add_pid(const struct cgroup *cg, pid_t host_pid, struct err *err)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", (int)host_pid);
	for (size_t i = 0; i < cg->fs->n; i++) {
		int r = cg->dir_fds[i] < 0 ? 0
					   : cgroupfs_write(cg->dir_fds[i], "cgroup.procs", text);

		if (r < 0)
			return err_sys(err, -r, "move process %d into cgroup '%s' (%s)",
				       (int)host_pid, cg->path, cg_tree_label(&cg->fs->trees[i]));
	}
	return 0;
}

/* ------------------------------------------------------------------------------- walking */

/* What a visit returns beside a negative errno: go on, or that is enough. */
enum { WALK_ON, WALK_ENOUGH };

/* Groups come and go while they are walked: what is gone holds nobody. */
static bool is_gone(int no)
{
	return no == ENOENT || no == ENODEV;
}

/* Visit the group `name` below `at_fd` and all below it, the outer first. */
static int walk(int at_fd, const char *name, int (*visit)(int dir_fd, void *arg), void *arg)
{
	int fd = openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r;
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return is_gone(errno) ? WALK_ON : -errno;
	r = visit(fd, arg);
	dir = r == WALK_ON ? fdopendir(fd) : NULL;
	if (!dir) {
		r = r == WALK_ON ? -errno : r;
		(void)close(fd);
		return r < 0 && is_gone(-r) ? WALK_ON : r;
	}
	while (r == WALK_ON && (entry = readdir(dir)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			r = walk(fd, entry->d_name, visit, arg);
	(void)closedir(dir);
	return r;
}

static int visit_populated(int dir_fd, void *arg)
{
	char text[32];
	int r = cgroupfs_read(dir_fd, "cgroup.procs", text, sizeof(text));

	(void)arg;
	return r > 0 || r == -EFBIG ? WALK_ENOUGH : r;
}

int cg_dir_populated(int dir_fd)
{
	return walk(dir_fd, ".", visit_populated, NULL);
}

int cg_main_tree(const struct cgroup *cg)
{
	static const enum cgroup_controller order[] = { CGROUP_FREEZER, CGROUP_PIDS,
							CGROUP_DEVICES };

	for (size_t i = 0; i < sizeof(order) / sizeof(*order) && cg->fs->mode != CGROUP_V2; i++) {
		const struct cgroupfs_tree *tree = cgroupfs_find_v1(cg->fs, order[i]);

		if (tree && cg->dir_fds[tree - cg->fs->trees] >= 0)
			return (int)(tree - cg->fs->trees);
	}
	for (size_t i = 0; i < cg->fs->n; i++)
		if (cg->dir_fds[i] >= 0)
			return (int)i;
	return -1;
}

static int main_fd(const struct cgroup *cg)
{
	int tree = cg_main_tree(cg);

	return tree < 0 ? -1 : cg->dir_fds[tree];
}

int cgroup_is_populated(const struct cgroup *cg, struct err *err)
{
	int fd = main_fd(cg), r = fd < 0 ? 0 : cg_dir_populated(fd);

	return r < 0 ? err_sys(err, -r, "read the processes of cgroup '%s'", cg->path) : r;
}

/* ------------------------------------------------------------------------------- pids */

static int visit_pids(int dir_fd, void *arg)
{
	struct buf *pids = arg; /* of pid_t */
	auto_buf struct buf text = {};
	int r = cgroupfs_read_buf(dir_fd, "cgroup.procs", &text);
	char *rest = text.data, *line;

	if (r == -EOPNOTSUPP) /* a threaded group: its processes are listed above it */
		return WALK_ON;
	if (r < 0)
		return r;
	while (rest && (line = strsep(&rest, "\n"))) {
		uint32_t number;
		pid_t pid;

		/* 0: a process that our own pid namespace can't see */
		if (num_parse_u32(line, &number) < 0 || number == 0)
			continue;
		pid = (pid_t)number;
		buf_add(pids, &pid, sizeof(pid));
	}
	return WALK_ON;
}

static int compare_pids(const void *a, const void *b)
{
	return (*(const pid_t *)a > *(const pid_t *)b) - (*(const pid_t *)a < *(const pid_t *)b);
}

static size_t drop_doubles(pid_t *pids, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (kept == 0 || pids[i] != pids[kept - 1])
			pids[kept++] = pids[i];
	return kept;
}

int cgroup_pids(const struct cgroup *cg, struct arena *arena, pid_t **ret_pids, size_t *ret_n,
		struct err *err)
{
	auto_buf struct buf found = {};
	int fd = main_fd(cg), r;
	size_t n;

	r = fd < 0 ? 0 : walk(fd, ".", visit_pids, &found);
	if (r < 0)
		return err_sys(err, -r, "read the processes of cgroup '%s'", cg->path);
	n = found.len / sizeof(pid_t);
	*ret_pids = arena_array(arena, pid_t, n + 1);
	if (n > 0)
		memcpy(*ret_pids, found.data, n * sizeof(pid_t));
	qsort(*ret_pids, n, sizeof(pid_t), compare_pids);
	*ret_n = drop_doubles(*ret_pids, n);
	return 0;
}
