/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces as the kernel hands them out. This room opens and identifies them; it does not
 * decide who gets which (rt/plan does) and does not enter them (rt/join does), but for visits to a
 * network namespace, which end where they began.
 */
#include "sys/ns.h"

#include "base/cleanup.h"
#include "base/num.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

/*
 * The order of the table is that of people reading it. The order of joining is another: first what
 * we may already join, then the user namespace, then what only it gives us the right to (a network
 * namespace owned by the host's cannot be opened from inside the container's user namespace).
 * rt/join does that; where there is a pidfd, one setns with all flags leaves it to the kernel.
 */
const struct ns_type ns_types[NS_KIND_MAX_] = {
	[NS_USER]   = { "user",   "user",    CLONE_NEWUSER,   "ids, rights", 0xeffffffd },
	[NS_MOUNT]  = { "mnt",    "mount",   CLONE_NEWNS,     "mounts",      0xeffffff8 },
	[NS_PID]    = { "pid",    "pid",     CLONE_NEWPID,    "process ids", 0xeffffffc },
	[NS_NET]    = { "net",    "network", CLONE_NEWNET,    "network",     0xeffffff9 },
	[NS_IPC]    = { "ipc",    "ipc",     CLONE_NEWIPC,    "ipc objects", 0xefffffff },
	[NS_UTS]    = { "uts",    "uts",     CLONE_NEWUTS,    "host name",   0xeffffffe },
	[NS_CGROUP] = { "cgroup", "cgroup",  CLONE_NEWCGROUP, "cgroup root", 0xeffffffb },
	[NS_TIME]   = { "time",   "time",    CLONE_NEWTIME,   "clocks",      0xeffffffa },
};

int ns_kind_parse(const char *oci_name)
{
	for (int kind = 0; kind < NS_KIND_MAX_; kind++)
		if (strcmp(ns_types[kind].oci_name, oci_name) == 0)
			return kind;
	return -ENOENT;
}

int ns_open(pid_t host_pid, enum ns_kind kind, int *ret_fd, struct err *err)
{
	auto_close int fd = -1;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)host_pid,
		       ns_types[kind].proc_name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, ESRCH, "no process %d", (int)host_pid);
	if (fd < 0)
		return err_sys(err, errno, "open '%s'", path);

	*ret_fd = take_fd(&fd);
	return 0;
}

int ns_net_visit(int netns_fd, int *ret_home_fd, struct err *err)
{
	auto_close int home_fd = -1;
	int r = ns_open(getpid(), NS_NET, &home_fd, err);

	if (r < 0)
		return r;
	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return err_sys(err, errno, "enter the container's network namespace");
	*ret_home_fd = take_fd(&home_fd);
	return 0;
}

int ns_net_leave(int *home_fd, struct err *err)
{
	auto_close int fd = take_fd(home_fd);

	if (setns(fd, CLONE_NEWNET) < 0)
		return err_sys(err, errno, "return to the host's network namespace");
	return 0;
}

static int open_dir(int at_fd, const char *path, int *ret_fd)
{
	int fd = openat(at_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	*ret_fd = fd;
	return 0;
}

int ns_open_dir(int proc_fd, pid_t host_pid, int *ret_fd)
{
	char path[24];

	(void)snprintf(path, sizeof(path), "%d/ns", (int)host_pid);
	return open_dir(proc_fd, path, ret_fd);
}

int ns_open_dir_at(int pid_dir_fd, int *ret_fd)
{
	return open_dir(pid_dir_fd, "ns", ret_fd);
}

int ns_open_at(int ns_dir_fd, enum ns_kind kind, int *ret_fd)
{
	int fd = openat(ns_dir_fd, ns_types[kind].proc_name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int ns_id(int ns_fd, struct ns_id *ret_id, struct err *err)
{
	struct stat st;

	if (fstat(ns_fd, &st) < 0)
		return err_sys(err, errno, "stat a namespace");

	*ret_id = (struct ns_id){ .dev = st.st_dev, .ino = st.st_ino };
	return 0;
}

bool ns_is_kind(int ns_fd, enum ns_kind kind)
{
	return ioctl(ns_fd, NS_GET_NSTYPE) == (int)ns_types[kind].clone_flag;
}

/* ------------------------------------------------------------------- without opening one */

int ns_parse(const char *text, enum ns_kind *ret_kind, ino_t *ret_ino)
{
	size_t len = strcspn(text, ":"), end = strlen(text);
	char number[24];
	uint64_t ino;

	if (text[len] != ':' || text[len + 1] != '[' || text[end - 1] != ']' ||
	    end - len - 3 >= sizeof(number))
		return -EINVAL;
	memcpy(number, text + len + 2, end - len - 3);
	number[end - len - 3] = '\0';
	if (num_parse_u64(number, &ino) < 0)
		return -EINVAL;
	for (int kind = 0; kind < NS_KIND_MAX_; kind++) {
		if (strlen(ns_types[kind].proc_name) != len ||
		    memcmp(ns_types[kind].proc_name, text, len) != 0)
			continue;
		*ret_kind = (enum ns_kind)kind;
		*ret_ino = ino;
		return 0;
	}
	return -EINVAL;
}

static int read_link(int ns_dir_fd, const char *link, enum ns_kind kind, ino_t *ret_ino)
{
	enum ns_kind seen = NS_KIND_MAX_;
	char text[64];
	ssize_t n = readlinkat(ns_dir_fd, link, text, sizeof(text) - 1);
	ino_t ino = 0;

	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (ns_parse(text, &seen, &ino) < 0 || seen != kind)
		return -EINVAL;
	*ret_ino = ino;
	return 0;
}

int ns_read_ino(int ns_dir_fd, enum ns_kind kind, ino_t *ret_ino)
{
	return read_link(ns_dir_fd, ns_types[kind].proc_name, kind, ret_ino);
}

int ns_read_children_ino(int ns_dir_fd, enum ns_kind kind, ino_t *ret_ino)
{
	char link[24];

	(void)snprintf(link, sizeof(link), "%s_for_children", ns_types[kind].proc_name);
	return read_link(ns_dir_fd, link, kind, ret_ino);
}

ino_t ns_initial_ino(enum ns_kind kind)
{
	unsigned major = 0, minor = 0;
	struct utsname kernel;

	if (kind != NS_MOUNT && kind != NS_NET)
		return ns_types[kind].initial_ino;
	if (uname(&kernel) < 0 || sscanf(kernel.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return major > 6 || (major == 6 && minor >= 18) ? ns_types[kind].initial_ino : 0;
}

/* ------------------------------------------------------------------- relatives */

static int relative_of(int ns_fd, unsigned long request, int *ret_fd)
{
	int fd = ioctl(ns_fd, request);

	if (fd < 0)
		return -errno;
	*ret_fd = fd; /* nsfs opens it with O_CLOEXEC */
	return 0;
}

int ns_parent(int ns_fd, int *ret_fd)
{
	return relative_of(ns_fd, NS_GET_PARENT, ret_fd);
}

int ns_owner(int ns_fd, int *ret_fd)
{
	return relative_of(ns_fd, NS_GET_USERNS, ret_fd);
}

int ns_owner_uid(int user_ns_fd, uid_t *ret_uid)
{
	return ioctl(user_ns_fd, NS_GET_OWNER_UID, ret_uid) < 0 ? -errno : 0;
}
