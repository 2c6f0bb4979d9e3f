/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the control group hierarchies are mounted, and reading and writing their files.
 *
 * A pure v2 machine is told by one fstatfs. Elsewhere /proc/self/cgroup lists the hierarchies,
 * whose usual places are tried and checked by the magic number of their file system: a directory
 * that only has the right name is never written to. Reading mountinfo costs more the more mounts
 * there are, so it is the last resort. Nothing here knows what a limit or a container is.
 */
#include "sys/cgroupfs.h"

#include "base/num.h"
#include "sys/mountinfo.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define ROOT           "/sys/fs/cgroup"
#define LIST_MAX_BYTES (64u << 10)
#define FILE_MAX_BYTES (1u << 20)

static const struct {
	const char *v1, *v2;
} controllers[CGROUP_CONTROLLER_MAX_] = {
	[CGROUP_CPU]        = { "cpu",        "cpu" },
	[CGROUP_CPUACCT]    = { "cpuacct",    "cpuacct" },
	[CGROUP_CPUSET]     = { "cpuset",     "cpuset" },
	[CGROUP_MEMORY]     = { "memory",     "memory" },
	[CGROUP_PIDS]       = { "pids",       "pids" },
	[CGROUP_IO]         = { "blkio",      "io" },
	[CGROUP_HUGETLB]    = { "hugetlb",    "hugetlb" },
	[CGROUP_RDMA]       = { "rdma",       "rdma" },
	[CGROUP_MISC]       = { "misc",       "misc" },
	[CGROUP_DEVICES]    = { "devices",    "devices" },
	[CGROUP_FREEZER]    = { "freezer",    "freezer" },
	[CGROUP_NET_CLS]    = { "net_cls",    "net_cls" },
	[CGROUP_NET_PRIO]   = { "net_prio",   "net_prio" },
	[CGROUP_PERF_EVENT] = { "perf_event", "perf_event" },
};

const char *cgroup_controller_name(enum cgroup_controller controller)
{
	return controllers[controller].v2;
}

int cgroup_controller_parse(const char *name, size_t len)
{
	for (int i = 0; i < CGROUP_CONTROLLER_MAX_; i++) {
		if (strlen(controllers[i].v2) == len && memcmp(controllers[i].v2, name, len) == 0)
			return i;
		if (strlen(controllers[i].v1) == len && memcmp(controllers[i].v1, name, len) == 0)
			return i;
	}
	return -ENOENT;
}

/* "cpu,cpuacct" as bits; unknown names, such as "name=systemd", have none. */
static uint32_t bits_of(const char *list)
{
	uint32_t bits = 0;

	while (*list) {
		size_t len = strcspn(list, ",");
		int controller = cgroup_controller_parse(list, len);

		if (controller >= 0)
			bits |= CGROUP_BIT(controller);
		list += len + (list[len] == ',');
	}
	return bits;
}

/* ------------------------------------------------------------------------------- finding */

/* Open a directory of the given kind of file system (0: any). -ENOENT: it is of another. */
static int open_dir(int at_fd, const char *path, long magic)
{
	auto_close int fd = openat(at_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs st;

	if (fd < 0)
		return -errno;
	if (magic && (fstatfs(fd, &st) < 0 || (long)st.f_type != magic))
		return -ENOENT;
	return take_fd(&fd);
}

static void add_tree(struct cgroupfs *fs, const char *name, int mount_fd)
{
	struct cgroupfs_tree *tree = &fs->trees[fs->n];

	if (fs->n == CGROUPFS_TREES_MAX || strlen(name) >= sizeof(tree->name)) {
		(void)close(mount_fd);
		return;
	}
	*tree = (struct cgroupfs_tree){ .v2 = !*name,
					.controllers = bits_of(name),
					.mount_fd = mount_fd };
	(void)snprintf(tree->name, sizeof(tree->name), "%s", name);
	fs->n++;
}

/* The mode that the trees make together. */
static enum cgroup_mode mode_of(const struct cgroupfs *fs)
{
	bool v1 = false, v2 = false;

	for (size_t i = 0; i < fs->n; i++)
		*(fs->trees[i].v2 ? &v2 : &v1) = true;
	if (v1)
		return v2 ? CGROUP_HYBRID : CGROUP_V1;
	return v2 ? CGROUP_V2 : CGROUP_NONE;
}

/* A v1 hierarchy in its usual place: a directory of the same name, or of its first controller. */
static int open_usual(int root_fd, const char *name, long magic)
{
	char first[64];
	int fd;

	if (strncmp(name, "name=", 5) == 0)
		return open_dir(root_fd, name + 5, magic);
	if (!*name)
		return open_dir(root_fd, "unified", magic);
	fd = open_dir(root_fd, name, magic);
	if (fd >= 0 || !strchr(name, ','))
		return fd;
	(void)snprintf(first, sizeof(first), "%.*s", (int)strcspn(name, ","), name);
	return open_dir(root_fd, first, magic);
}

/* Is every item of `list` one of `options`? Both are separated by commas. */
static bool has_all(const char *options, const char *list)
{
	while (*list) {
		size_t len = strcspn(list, ",");
		const char *option = options;

		while (*option) {
			size_t option_len = strcspn(option, ",");

			if (option_len == len && memcmp(option, list, len) == 0)
				break;
			option += option_len + (option[option_len] == ',');
		}
		if (!*option)
			return false;
		list += len + (list[len] == ',');
	}
	return true;
}

static bool is_mount_of(const struct mountinfo *m, const char *name)
{
	return strcmp(m->fs_type, *name ? "cgroup" : "cgroup2") == 0 &&
	       has_all(m->super_options, name);
}

/* The hierarchy `name` in a mountinfo text, opened; -ENOENT when it is mounted nowhere. */
static int open_mounted(const char *text, const char *name)
{
	auto_buf struct buf line = {};
	struct mountinfo m;
	int r;

	while ((r = mountinfo_next(&text, &line, &m)) != 0) {
		int fd = -ENOENT;

		if (r > 0 && is_mount_of(&m, name))
			fd = open_dir(AT_FDCWD, m.point,
				      *name ? CGROUP_SUPER_MAGIC : CGROUP2_SUPER_MAGIC);
		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

static int read_proc(const char *path, size_t max_bytes, struct buf *ret, struct err *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "open '%s'", path);
	return buf_read_fd(ret, fd, max_bytes, path, err);
}

/* Add the hierarchy `name`. `mountinfo` is read when first needed. */
static int find_tree(struct cgroupfs *fs, int root_fd, const char *name, struct buf *mountinfo,
		     struct err *err)
{
	int fd, r;

	fd = open_usual(root_fd, name, *name ? CGROUP_SUPER_MAGIC : CGROUP2_SUPER_MAGIC);
	if (fd < 0 && (*name || fs->n == 0)) {
		if (!mountinfo->data) {
			r = read_proc("/proc/self/mountinfo", 64u << 20, mountinfo, err);
			if (r < 0)
				return r;
		}
		fd = open_mounted(buf_str(mountinfo), name);
	}
	if (fd >= 0)
		add_tree(fs, name, fd);
	return 0;
}

/* Add each hierarchy that a /proc/self/cgroup text lists: "4:memory:/a/b" a line. */
static int find_trees(struct cgroupfs *fs, char *list, struct err *err)
{
	auto_close int root_fd = open(ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_buf struct buf mountinfo = {};
	char *line;
	int r;

	while ((line = strsep(&list, "\n"))) {
		char *name = line;

		(void)strsep(&name, ":");
		if (!name || !strchr(name, ':'))
			continue;
		*strchr(name, ':') = '\0';
		r = find_tree(fs, root_fd, name, &mountinfo, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int cgroupfs_open(struct cgroupfs *fs, struct err *err)
{
	auto_buf struct buf list = {};
	int fd, r;

	*fs = (struct cgroupfs){};
	fd = open_dir(AT_FDCWD, ROOT, CGROUP2_SUPER_MAGIC);
	if (fd >= 0) {
		add_tree(fs, "", fd);
		fs->mode = CGROUP_V2;
		return 0;
	}
	r = read_proc("/proc/self/cgroup", LIST_MAX_BYTES, &list, err);
	if (r == 0 && list.data)
		r = find_trees(fs, list.data, err);
	fs->mode = mode_of(fs);
	if (r == 0 && fs->mode == CGROUP_NONE)
		r = err_set(err, ERR_NOT_FOUND, ENOENT, "no cgroup file system is mounted");
	if (r < 0)
		cgroupfs_done(fs);
	return r;
}

/* Each v1 hierarchy that has a directory below `root_fd`; joint ones hide their parts. */
static void trust_v1(struct cgroupfs *fs, int root_fd)
{
	static const char *const joint[] = { "cpu,cpuacct", "net_cls,net_prio", "name=systemd" };
	uint32_t seen = 0;
	int fd;

	for (size_t i = 0; i < sizeof(joint) / sizeof(*joint); i++) {
		fd = open_dir(root_fd, strcmp(joint[i], "name=systemd") == 0 ? "systemd" : joint[i],
			      0);
		if (fd < 0)
			continue;
		add_tree(fs, joint[i], fd);
		seen |= bits_of(joint[i]);
	}
	for (int i = 0; i < CGROUP_CONTROLLER_MAX_; i++) {
		if (seen & CGROUP_BIT(i))
			continue;
		fd = open_dir(root_fd, controllers[i].v1, 0);
		if (fd >= 0)
			add_tree(fs, controllers[i].v1, fd);
	}
}

int cgroupfs_open_at(struct cgroupfs *fs, enum cgroup_mode mode, const char *root, struct err *err)
{
	auto_close int root_fd = open_dir(AT_FDCWD, root, 0);
	int fd;

	*fs = (struct cgroupfs){ .mode = mode };
	if (root_fd < 0)
		return err_sys(err, -root_fd, "open '%s'", root);
	if (mode == CGROUP_V2) {
		add_tree(fs, "", take_fd(&root_fd));
		return 0;
	}
	trust_v1(fs, root_fd);
	fd = mode == CGROUP_HYBRID ? open_dir(root_fd, "unified", 0) : -ENOENT;
	if (fd >= 0)
		add_tree(fs, "", fd);
	return 0;
}

void cgroupfs_done(struct cgroupfs *fs)
{
	for (size_t i = 0; i < fs->n; i++)
		(void)close(fs->trees[i].mount_fd);
	*fs = (struct cgroupfs){};
}

const struct cgroupfs_tree *cgroupfs_find_v1(const struct cgroupfs *fs,
					     enum cgroup_controller controller)
{
	for (size_t i = 0; i < fs->n; i++)
		if (!fs->trees[i].v2 && (fs->trees[i].controllers & CGROUP_BIT(controller)))
			return &fs->trees[i];
	return NULL;
}

const struct cgroupfs_tree *cgroupfs_find_v2(const struct cgroupfs *fs)
{
	for (size_t i = 0; i < fs->n; i++)
		if (fs->trees[i].v2)
			return &fs->trees[i];
	return NULL;
}

int cgroupfs_path_of(const struct cgroupfs_tree *tree, pid_t host_pid, struct buf *ret_path,
		     struct err *err)
{
	auto_buf struct buf list = {};
	char path[40] = "/proc/self/cgroup", *rest, *line;
	int r;

	if (host_pid > 0)
		(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)host_pid);
	r = read_proc(path, LIST_MAX_BYTES, &list, err);
	if (r == -ENOENT || r == -ESRCH)
		return err_set(err, ERR_NOT_FOUND, ESRCH, "no process %d", (int)host_pid);
	if (r < 0)
		return r;
	rest = list.data;
	while (rest && (line = strsep(&rest, "\n"))) {
		const char *number = strsep(&line, ":"), *name = strsep(&line, ":");

		if (!number || !name || !line || strcmp(name, tree->name) != 0)
			continue;
		buf_puts(ret_path, line);
		return 0;
	}
	return err_set(err, ERR_NOT_FOUND, ENOENT, "'%s' does not name hierarchy '%s'", path,
		       tree->name);
}

/* ------------------------------------------------------------------------------- files */

int cgroupfs_write(int dir_fd, const char *file, const char *text)
{
	auto_close int fd = openat(dir_fd, file, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do
		n = write(fd, text, strlen(text));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int cgroupfs_read(int dir_fd, const char *file, char *buf, size_t cap)
{
	auto_close int fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do
		n = read(fd, buf, cap);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n >= cap)
		return -EFBIG;
	while (n > 0 && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	return (int)n;
}

int cgroupfs_read_buf(int dir_fd, const char *file, struct buf *out)
{
	auto_close int fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC);
	struct err ignored = {};

	if (fd < 0)
		return -errno;
	return buf_read_fd(out, fd, FILE_MAX_BYTES, file, &ignored);
}

int cgroupfs_read_u64(int dir_fd, const char *file, uint64_t *ret)
{
	char text[32];
	int r = cgroupfs_read(dir_fd, file, text, sizeof(text));

	if (r < 0)
		return r;
	if (strcmp(text, "max") == 0) {
		*ret = UINT64_MAX;
		return 0;
	}
	return num_parse_u64(text, ret);
}

int cgroupfs_read_controllers(int dir_fd, const char *file, uint32_t *ret_bits)
{
	char text[512], *rest = text, *word;
	int r = cgroupfs_read(dir_fd, file, text, sizeof(text));

	if (r < 0)
		return r;
	*ret_bits = 0;
	while ((word = strsep(&rest, " "))) {
		int controller = cgroup_controller_parse(word, strlen(word));

		if (controller >= 0)
			*ret_bits |= CGROUP_BIT(controller);
	}
	return 0;
}
