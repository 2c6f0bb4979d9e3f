/* SPDX-License-Identifier: Apache-2.0 */
/*
 * procfs as a descriptor, and what it tells of processes. A procfs's root has inode 1 and nothing
 * else that claims its magic can be mounted by the unprivileged, so checking both is enough.
 */
#include "sys/proc.h"

#include "base/cleanup.h"
#include "base/num.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#define PROC_ROOT_INODE 1
#define PIDFS_MAGIC    0x50494446 /* PID_FS_MAGIC of later headers */
#define STAT_MAX_BYTES 4096

int proc_open_pidfd(pid_t host_pid)
{
	int fd = (int)syscall(SYS_pidfd_open, host_pid, 0);

	if (fd < 0)
		return errno == EINVAL ? -ESRCH : -errno;
	return fd;
}

int proc_open(int *ret_fd, struct err *err)
{
	auto_close int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return err_sys(err, errno, "open '/proc'");
	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return err_sys(err, errno, "examine '/proc'");
	if (fs.f_type != PROC_SUPER_MAGIC || st.st_ino != PROC_ROOT_INODE)
		return err_set(err, ERR_SYSTEM, ENODEV, "'/proc' is not a proc filesystem");
	*ret_fd = take_fd(&fd);
	return 0;
}

static int open_below(int proc_fd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, proc_fd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

int proc_write(int proc_fd, const char *path, const char *value)
{
	size_t len = strlen(value);
	auto_close int fd = open_below(proc_fd, path, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, value, len);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

/* Field 22 of /proc/PID/stat; the second, the name, may hold blanks and parentheses. */
static int parse_start_time(const char *stat_line, uint64_t *ret_ticks)
{
	const char *p = strrchr(stat_line, ')');
	char field[32];
	size_t len;

	if (!p || p[1] != ' ')
		return -EINVAL;
	if (p[2] == 'Z' || p[2] == 'X')
		return -ESRCH;
	p++;
	for (int number = 3; number < 22 && p; number++)
		p = strchr(p + 1, ' ');
	if (!p)
		return -EINVAL;
	len = strcspn(p + 1, " ");
	if (len >= sizeof(field))
		return -EINVAL;
	memcpy(field, p + 1, len);
	field[len] = '\0';
	return num_parse_u64(field, ret_ticks);
}

int proc_start_time(int proc_fd, pid_t host_pid, uint64_t *ret_ticks)
{
	char path[32], line[1024];
	auto_close int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%d/stat", (int)host_pid);
	fd = open_below(proc_fd, path, O_RDONLY);
	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	n = read(fd, line, sizeof(line) - 1);
	if (n < 0)
		return -errno;
	line[n] = '\0';
	return parse_start_time(line, ret_ticks);
}

/* Inode numbers are unique only where they have 64 bits. */
bool proc_pidfd_has_inode(int pidfd)
{
	struct statfs fs;

	return sizeof(long) == sizeof(uint64_t) && fstatfs(pidfd, &fs) == 0 &&
	       fs.f_type == PIDFS_MAGIC;
}

int proc_identity(int proc_fd, int pidfd, pid_t host_pid, uint64_t *ret_identity)
{
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };
	struct stat st;

	if (!proc_pidfd_has_inode(pidfd))
		return proc_start_time(proc_fd, host_pid, ret_identity);
	if (fstat(pidfd, &st) < 0 || poll(&ended, 1, 0) < 0)
		return -errno;
	if (ended.revents)
		return -ESRCH;
	*ret_identity = st.st_ino;
	return 0;
}

/* How it shows that a process is gone: opening finds nothing, reading finds it dead, and a zombie
 * has no mounts to list. */
static bool is_gone(int r)
{
	return r == -ENOENT || r == -ESRCH || r == -EINVAL;
}

int proc_read(int proc_fd, pid_t host_pid, const char *file, size_t max_bytes, struct buf *ret,
	      struct err *err)
{
	auto_close int fd = -1;
	char path[64];
	int r;

	if (host_pid == 0)
		(void)snprintf(path, sizeof(path), "self/%s", file);
	else
		(void)snprintf(path, sizeof(path), "%d/%s", (int)host_pid, file);
	fd = open_below(proc_fd, path, O_RDONLY);
	r = fd < 0 ? err_sys(err, -fd, "open '/proc/%s'", path)
		   : buf_read_fd(ret, fd, max_bytes, path, err);
	if (is_gone(r))
		return err_set(err, ERR_NOT_FOUND, ESRCH, "no process %d", (int)host_pid);
	return r;
}

/* ------------------------------------------------------------------- one process, held */

int proc_open_pid(int proc_fd, pid_t host_pid, int *ret_fd)
{
	char name[16];
	int fd;

	if (host_pid == 0)
		(void)snprintf(name, sizeof(name), "self");
	else
		(void)snprintf(name, sizeof(name), "%d", (int)host_pid);
	fd = open_below(proc_fd, name, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	*ret_fd = fd;
	return 0;
}

int proc_read_at(int pid_dir_fd, const char *file, size_t max_bytes, struct buf *ret)
{
	auto_close int fd = openat(pid_dir_fd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct err ignored = {};

	return fd < 0 ? -errno : buf_read_fd(ret, fd, max_bytes, file, &ignored);
}

int proc_boot_id(int proc_fd, char ret[PROC_BOOT_ID_BYTES])
{
	auto_buf struct buf text = {};
	int r = proc_read_at(proc_fd, "sys/kernel/random/boot_id", PROC_BOOT_ID_BYTES, &text);

	if (r < 0)
		return r;
	(void)snprintf(ret, PROC_BOOT_ID_BYTES, "%s", buf_str(&text));
	return 0;
}

int proc_start_time_at(int pid_dir_fd, uint64_t *ret_ticks)
{
	auto_buf struct buf line = {};
	int r = proc_read_at(pid_dir_fd, "stat", STAT_MAX_BYTES, &line);

	return r < 0 ? r : parse_start_time(buf_str(&line), ret_ticks);
}

/* ------------------------------------------------------------------- all of them */

static DIR *open_list(int proc_fd)
{
	auto_close int fd = openat(proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir)
		(void)take_fd(&fd);
	return dir;
}

/* The kernel lists them by number; what has started meanwhile may follow or not. */
int proc_pids(int proc_fd, struct arena *arena, pid_t **ret_pids, size_t *ret_n, struct err *err)
{
	auto_closedir DIR *dir = open_list(proc_fd);
	auto_buf struct buf pids = {};
	struct dirent *entry;
	uint32_t pid;

	if (!dir)
		return err_sys(err, errno, "open '/proc'");
	while ((errno = 0, entry = readdir(dir)))
		if (num_parse_u32(entry->d_name, &pid) == 0 && pid > 0 && pid <= INT32_MAX)
			buf_add(&pids, &(pid_t){ (pid_t)pid }, sizeof(pid_t));
	if (errno)
		return err_sys(err, errno, "list '/proc'");
	*ret_n = pids.len / sizeof(pid_t);
	*ret_pids = arena_array(arena, pid_t, *ret_n + 1);
	if (pids.len)
		memcpy(*ret_pids, pids.data, pids.len);
	return 0;
}
