/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a container's groups. The usual case is one rmdir a hierarchy. A group that has others
 * below it, which the container made, is emptied from the bottom; one whose processes were just
 * killed is busy until the kernel has reaped them, and waited for.
 */
#include "rt/cg.h"

#include "base/clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#define TIMEOUT_MS 10000
#define NAP_MIN_NS 200000
#define NAP_MAX_NS 20000000

static int remove_below(int at_fd, const char *path);

/* Remove the group `path` if nobody lives in it. 0 as well when it is gone. */
static int remove_one(int at_fd, const char *path)
{
	int r;

	if (unlinkat(at_fd, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY && errno != ENOTEMPTY)
		return -errno;
	r = remove_below(at_fd, path);
	if (r < 0)
		return r;
	return unlinkat(at_fd, path, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

/* Remove the groups below `path`: as many as will go. Returns the first failure. */
static int remove_below(int at_fd, const char *path)
{
	int fd = openat(at_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int failure = 0;

	if (!dir) {
		closep(&fd);
		return errno == ENOENT ? 0 : -errno;
	}
	while ((entry = readdir(dir))) {
		int r = 0;

		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			r = remove_one(fd, entry->d_name);
		if (failure == 0)
			failure = r;
	}
	(void)closedir(dir);
	return failure;
}

/* The same, waiting while the kernel says that someone is dying there. */
static int remove_waiting(int at_fd, const char *path, int64_t deadline_ms)
{
	struct timespec nap = { .tv_nsec = NAP_MIN_NS };

	for (;;) {
		int r = remove_one(at_fd, path);

		if (r != -EBUSY || clock_ms() >= deadline_ms)
			return r;
		(void)nanosleep(&nap, NULL);
		if (nap.tv_nsec < NAP_MAX_NS)
			nap.tv_nsec *= 2;
	}
}

bool cgroup_remove_left(struct cgroup *cg)
{
	struct err ignored;
	int tree = cg_main_tree(cg);

	if (tree < 0 || cg_check_owned(cg, &ignored) < 0 ||
	    unlinkat(cg->fs->trees[tree].mount_fd, cg->path + 1, AT_REMOVEDIR) < 0)
		return false;
	closep(&cg->dir_fds[tree]);
	cg->dir_fds[tree] = -1;
	return true;
}

int cgroup_remove(struct cgroup *cg, struct err *err)
{
	int64_t deadline_ms = clock_ms() + TIMEOUT_MS;
	int failure = cg_check_owned(cg, err), r;

	if (failure < 0)
		return failure;
	for (size_t i = 0; i < cg->fs->n; i++) {
		if (cg->dir_fds[i] < 0)
			continue;
		r = remove_waiting(cg->fs->trees[i].mount_fd, cg->path + 1, deadline_ms);
		if (r == 0 || failure < 0)
			continue;
		failure = err_sys(err, -r, "remove cgroup '%s' (%s)", cg->path,
				  cg_tree_label(&cg->fs->trees[i]));
		if (r == -EBUSY)
			err->kind = ERR_CONFLICT;
	}
	return failure;
}
