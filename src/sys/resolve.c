/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths below a foreign root. The kernel walks them (openat2 with RESOLVE_IN_ROOT), never we; the
 * only thing walked here, component by component, is a path of which a part is missing. A part that
 * is a dangling link is followed by hand: what it points to is made below the root, as a mkdir
 * inside the root would.
 */
#include "sys/resolve.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <stdint.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define MAX_LINKS 40  /* as the kernel's MAXSYMLINKS */
#define MAX_RACES 128 /* the kernel says EAGAIN when something is renamed meanwhile */

static int open_resolved(int root_fd, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = flags & O_CREAT ? 0644 : 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve,
	};

	for (int races = 0;; races++) {
		long fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

		if (fd >= 0)
			return (int)fd;
		if ((errno != EAGAIN && errno != EINTR) || races == MAX_RACES)
			return -errno;
	}
}

int resolve_open(int root_fd, const char *path, int flags)
{
	return open_resolved(root_fd, path, flags, 0);
}

int resolve_open_plain(int root_fd, const char *path, int flags)
{
	return open_resolved(root_fd, path, flags, RESOLVE_NO_SYMLINKS);
}

/* A path in two halves: `done` exists, `rest` is still to be walked. */
struct walk {
	char done[PATH_MAX], rest[PATH_MAX];
	int dir_fd; /* of `done` */
	int links;
};

/* Take the next component of `rest` into `name`. Returns 1, or 0 at the end. */
static int next_component(struct walk *walk, char name[NAME_MAX + 1])
{
	char *start = walk->rest + strspn(walk->rest, "/");
	size_t len = strcspn(start, "/");

	if (len == 0 || len > NAME_MAX)
		return len ? -ENAMETOOLONG : 0;
	memcpy(name, start, len);
	name[len] = '\0';
	memmove(walk->rest, start + len, strlen(start + len) + 1);
	return 1;
}

static int append(char path[PATH_MAX], const char *name)
{
	size_t len = strlen(path), more = strlen(name);

	if (len + more + 2 > PATH_MAX)
		return -ENAMETOOLONG;
	path[len] = '/';
	memcpy(path + len + 1, name, more + 1);
	return 0;
}

/* `name` in the current directory dangles: go on with what it points to. */
static int follow_dangling(struct walk *walk, const char *name)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(walk->dir_fd, name, target, sizeof(target) - 1);

	if (len < 0)
		return errno == EINVAL ? -ENOTDIR : -errno;
	target[len] = '\0';
	if (++walk->links > MAX_LINKS)
		return -ELOOP;
	if (strlen(target) + strlen(walk->rest) + 2 > PATH_MAX)
		return -ENAMETOOLONG;
	(void)append(target, walk->rest);
	memcpy(walk->rest, target, sizeof(target));
	if (target[0] == '/')
		walk->done[0] = '\0';
	return target[0] == '/';
}

/* Step into directory `name`, made if it is missing. */
static int step(struct walk *walk, int root_fd, const char *name)
{
	size_t len = strlen(walk->done);
	int fd, r = append(walk->done, name);

	if (r < 0)
		return r;
	fd = resolve_open(root_fd, walk->done, O_PATH | O_DIRECTORY);
	if (fd == -ENOENT) {
		if (mkdirat(walk->dir_fd, name, 0755) < 0 && errno != EEXIST)
			return -errno;
		/* Ours, or of someone who was faster. */
		fd = resolve_open(root_fd, walk->done, O_PATH | O_DIRECTORY);
	}
	if (fd == -ENOENT) {
		walk->done[len] = '\0';
		r = follow_dangling(walk, name);
		if (r <= 0)
			return r;
		fd = resolve_open(root_fd, "/", O_PATH | O_DIRECTORY);
	}
	if (fd < 0)
		return fd;
	(void)close(walk->dir_fd);
	walk->dir_fd = fd;
	return 0;
}

/* Mostly just the last component is missing. */
static int make_last(int root_fd, const char *path)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	int parent_fd, r;

	if (!slash || !slash[1] || strcmp(slash, "/..") == 0)
		return -ENOENT;
	memcpy(parent, path, (size_t)(slash - path + 1));
	parent[slash - path + 1] = '\0';
	parent_fd = resolve_open(root_fd, parent, O_PATH | O_DIRECTORY);
	if (parent_fd < 0)
		return parent_fd;
	r = mkdirat(parent_fd, slash + 1, 0755);
	if (r == 0)
		r = openat(parent_fd, slash + 1, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r < 0)
		r = -errno;
	(void)close(parent_fd);
	return r;
}

int resolve_ensure_dir(int root_fd, const char *path)
{
	struct walk walk = { .dir_fd = -1 };
	char name[NAME_MAX + 1];
	int r;

	r = resolve_open(root_fd, path, O_PATH | O_DIRECTORY);
	if (r != -ENOENT)
		return r;
	if (strlen(path) >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	r = make_last(root_fd, path);
	if (r != -ENOENT && r != -EEXIST)
		return r;
	strcpy(walk.rest, path);
	walk.dir_fd = resolve_open(root_fd, "/", O_PATH | O_DIRECTORY);
	if (walk.dir_fd < 0)
		return walk.dir_fd;
	while ((r = next_component(&walk, name)) > 0) {
		r = step(&walk, root_fd, name);
		if (r < 0)
			break;
	}
	if (r == 0)
		return walk.dir_fd;
	(void)close(walk.dir_fd);
	return r;
}

int resolve_ensure_plain_dir(int root_fd, const char *path)
{
	auto_close int fd = resolve_ensure_dir(root_fd, path);

	return fd < 0 ? fd
		      : resolve_open_plain(root_fd, path, O_PATH | O_DIRECTORY);
}

int resolve_ensure_parent(int root_fd, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char parent[PATH_MAX];
	size_t len = (size_t)(name - path);

	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EINVAL;
	if (len >= sizeof(parent))
		return -ENAMETOOLONG;
	memcpy(parent, path, len);
	strcpy(parent + len, len ? "" : "/");
	*ret_name = name;
	return resolve_ensure_dir(root_fd, parent);
}

/* `path` ends in a link to where directories are missing: make it say what the link says. */
static int follow_last(int parent_fd, const char *name, char path[PATH_MAX])
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(parent_fd, name, target, sizeof(target) - 1);
	size_t keep;

	if (len < 0)
		return errno == EINVAL ? -EAGAIN : -errno;
	target[len] = '\0';
	keep = target[0] == '/' ? 0 : (size_t)(name - path);
	if (keep + (size_t)len >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(path + keep, target);
	return 0;
}

static int make_file(int root_fd, char path[PATH_MAX])
{
	auto_close int parent_fd = -1;
	const char *name;
	int fd, r;

	parent_fd = resolve_ensure_parent(root_fd, path, &name);
	if (parent_fd < 0)
		return parent_fd;
	fd = resolve_open(root_fd, path, O_RDONLY | O_CREAT | O_NONBLOCK | O_NOCTTY);
	if (fd == -ENOENT) {
		r = follow_last(parent_fd, name, path);
		return r < 0 ? r : -ENOENT;
	}
	if (fd < 0)
		return fd;
	(void)close(fd);
	return resolve_open(root_fd, path, O_PATH);
}

int resolve_ensure_file(int root_fd, const char *path)
{
	char where[PATH_MAX];
	int fd;

	fd = resolve_open(root_fd, path, O_PATH);
	if (fd != -ENOENT)
		return fd;
	if (strlen(path) >= sizeof(where))
		return -ENAMETOOLONG;
	strcpy(where, path);
	for (int links = 0; fd == -ENOENT && links <= MAX_LINKS; links++)
		fd = make_file(root_fd, where);
	return fd == -ENOENT ? -ELOOP : fd;
}
