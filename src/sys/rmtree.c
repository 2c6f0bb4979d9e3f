/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes a tree away by descriptors. The tree is an image's: its names are never put together to a
 * path, its links are unlinked, and a directory is entered only if it is one. Each level holds a
 * descriptor, so one that is too deep is moved to the top first and removed there.
 */
#include "sys/rmtree.h"

#include "base/cleanup.h"
#include "sys/clone.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH   100
#define MAX_HELPERS 3

struct removal {
	int top_fd; /* of the tree */
	dev_t dev;
	unsigned moved;
};

static int remove_below(struct removal *removal, int dir_fd, unsigned depth);

/* Its owner may have a directory that he can't read. Root can, unless someone in the tree says no
 * (FUSE), who could as well exchange it for a link: chmod(2) would follow that. */
static int open_dir(int dir_fd, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir_fd, name, flags);

	if (fd < 0 && errno == EACCES && geteuid() != 0 && fchmodat(dir_fd, name, 0700, 0) == 0)
		fd = openat(dir_fd, name, flags);
	return fd < 0 ? -errno : fd;
}

/* The one who removes the top removes it as well, sooner or later. */
static int move_to_top(struct removal *removal, int dir_fd, const char *name)
{
	char new_name[32];

	(void)snprintf(new_name, sizeof(new_name), ".tare-deep-%u", removal->moved++);
	return renameat(dir_fd, name, removal->top_fd, new_name) < 0 ? -errno : 0;
}

static int remove_dir(struct removal *removal, int dir_fd, const char *name, unsigned depth)
{
	auto_close int fd = -1;
	struct stat st;
	int r;

	if (depth == MAX_DEPTH)
		return move_to_top(removal, dir_fd, name);
	fd = open_dir(dir_fd, name);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_dev != removal->dev)
		return -EXDEV;
	r = remove_below(removal, fd, depth + 1);
	if (r == 0 && unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		r = -errno;
	return r;
}

static int remove_entry(struct removal *removal, int dir_fd, const struct dirent *entry,
			unsigned depth)
{
	if (entry->d_type != DT_DIR) {
		if (unlinkat(dir_fd, entry->d_name, 0) == 0 || errno == ENOENT)
			return 0;
		if (errno != EISDIR)
			return -errno;
	}
	return remove_dir(removal, dir_fd, entry->d_name, depth);
}

/* Goes on after a failure, and tells the first. */
static int remove_entries(struct removal *removal, DIR *stream, unsigned depth)
{
	struct dirent *entry;
	int first = 0;

	while ((entry = readdir(stream))) {
		int r = 0;

		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = remove_entry(removal, dirfd(stream), entry, depth);
		if (first == 0)
			first = r;
	}
	return first;
}

static int remove_below(struct removal *removal, int dir_fd, unsigned depth)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	unsigned moved;
	int r;

	if (!stream) {
		r = -errno;
		closep(&fd);
		return r;
	}
	/* What was moved to the top while it was being read may have been missed. */
	do {
		moved = removal->moved;
		rewinddir(stream);
		r = remove_entries(removal, stream, depth);
	} while (r == 0 && depth == 0 && removal->moved != moved);
	(void)closedir(stream);
	return r;
}

int rmtree(int dir_fd, const char *name)
{
	struct removal removal = {};
	auto_close int top_fd = -1;
	struct stat st;
	int r;

	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	top_fd = open_dir(dir_fd, name);
	if (top_fd < 0)
		return top_fd;
	if (fstat(top_fd, &st) < 0)
		return -errno;
	removal.top_fd = top_fd;
	removal.dev = st.st_dev;
	r = remove_below(&removal, top_fd, 0);
	if (r == 0 && unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		r = -errno;
	return r;
}

/* ------------------------------------------------------------------------------- several */

struct work {
	int dir_fd;
	const char *const *names;
	size_t n;
	atomic_size_t *next; /* of the names, shared by all who work */
};

static void remove_rest(const struct work *work)
{
	size_t i;

	while ((i = atomic_fetch_add(work->next, 1)) < work->n)
		(void)rmtree(work->dir_fd, work->names[i]);
}

/* As many as there are processors besides ours, and things to do. */
static size_t count_helpers(size_t n)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t most = processors > 0 ? (size_t)processors : 1;

	most = n < most ? n : most;
	return most <= 1 ? 0 : most - 1 < MAX_HELPERS ? most - 1 : MAX_HELPERS;
}

static pid_t start_helper(const struct work *work)
{
	const struct clone_request request = { .cgroup_fd = -1 };
	auto_close int pidfd = -1;
	pid_t pid = clone_process(&request, &pidfd);

	if (pid == 0) {
		remove_rest(work);
		_exit(0);
	}
	return pid;
}

static void remove_side_by_side(const struct work *work)
{
	size_t n = count_helpers(work->n);
	pid_t helpers[MAX_HELPERS];

	for (size_t i = 0; i < n; i++)
		helpers[i] = start_helper(work);
	remove_rest(work);
	for (size_t i = 0; i < n; i++)
		if (helpers[i] > 0)
			(void)clone_wait(helpers[i]);
}

void rmtree_all(int dir_fd, const char *const *names, size_t n)
{
	struct work work = { dir_fd, names, n, NULL };
	void *shared = mmap(NULL, sizeof(*work.next), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED) {
		for (size_t i = 0; i < n; i++)
			(void)rmtree(dir_fd, names[i]);
		return;
	}
	work.next = shared;
	remove_side_by_side(&work);
	(void)munmap(shared, sizeof(*work.next));
}
