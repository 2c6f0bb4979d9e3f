/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file by which others know a container's monitor. Each monitor has one of its own, which takes
 * the place of the one before it: who waits for an end has opened that of his monitor.
 *
 * Two locks are on it. That of flock(2) is released when the end is recorded; that of fcntl(2), of
 * the open file description, when all that the container held is taken apart, for which who starts
 * it again waits. Both go with the monitor, whatever becomes of it.
 */
#include "engine/entry.h"

#include "base/cleanup.h"
#include "base/num.h"
#include "sys/sock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>

#define NEW_FILE ENTRY_MONITOR_FILE ".new"

/* In the place of an exit code, and as long. */
#define NO_EXIT_CODE "  -\n"

static int lock_description(int fd, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };
	int r;

	do
		r = fcntl(fd, F_OFD_SETLKW, &lock);
	while (r < 0 && errno == EINTR);
	return r;
}

static int await_apart(const struct entry *entry, int monitor_fd, struct err *err)
{
	if (lock_description(monitor_fd, F_RDLCK) < 0)
		return err_sys(err, errno, "wait for the former monitor of container %.12s",
			       entry->id);
	return 0;
}

/* -EBUSY (no words): there is one. Else until the one before has taken all apart. */
static int await_former(const struct entry *entry, struct err *err)
{
	auto_close int fd = -1;
	int r = entry_open_monitor(entry, &fd, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return -EBUSY;
	return await_apart(entry, fd, err);
}

int entry_await_apart(const struct entry *entry, struct err *err)
{
	auto_close int fd = -1;
	int r = entry_open_monitor(entry, &fd, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return await_apart(entry, fd, err);
}

/* What the exit code will need on the disk is taken now: it may be full by then. */
static int make_file(const struct entry *entry, int *ret_fd, struct err *err)
{
	auto_close int fd = openat(entry->dir_fd, NEW_FILE,
				   O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX) < 0 || lock_description(fd, F_WRLCK) < 0 ||
	    pwrite(fd, NO_EXIT_CODE, sizeof(NO_EXIT_CODE) - 1, 0) < 0 ||
	    renameat(entry->dir_fd, NEW_FILE, entry->dir_fd, ENTRY_MONITOR_FILE) < 0)
		return errno == ENOENT ? err_set(err, ERR_CONFLICT, ENOENT, "it was removed "
						 "before it was started")
				       : err_sys(err, errno, "lock container %.12s", entry->id);
	*ret_fd = take_fd(&fd);
	return 0;
}

int entry_begin(const struct entry *entry, int *ret_lock_fd, struct err *err)
{
	int r;

	/* Of two who start it at once one waits here. */
	while (flock(entry->dir_fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "lock container %.12s", entry->id);
	r = await_former(entry, err);
	if (r == 0)
		r = make_file(entry, ret_lock_fd, err);
	(void)flock(entry->dir_fd, LOCK_UN);
	return r;
}

void entry_unlock(int lock_fd, int exit_code)
{
	char line[16];
	int n = snprintf(line, sizeof(line), "%3d\n", exit_code);

	(void)!pwrite(lock_fd, line, (size_t)n, 0);
	(void)flock(lock_fd, LOCK_UN);
}

int entry_open_monitor(const struct entry *entry, int *ret_fd, struct err *err)
{
	int fd = openat(entry->dir_fd, ENTRY_MONITOR_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return err_sys(err, errno, "open '%s' of container %.12s", ENTRY_MONITOR_FILE,
			       entry->id);
	*ret_fd = fd;
	return 0;
}

int entry_has_monitor(const struct entry *entry)
{
	auto_close int fd = -1;
	struct err ignored;

	if (entry_open_monitor(entry, &fd, &ignored) < 0)
		return 0;
	return flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

bool entry_is_attended(const struct entry *entry)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	auto_close int fd = -1;
	struct err ignored;

	if (entry_open_monitor(entry, &fd, &ignored) < 0)
		return false;
	return flock(fd, LOCK_SH | LOCK_NB) < 0 || fcntl(fd, F_OFD_GETLK, &lock) < 0 ||
	       lock.l_type != F_UNLCK;
}

int entry_read_exit(int monitor_fd)
{
	char line[16] = "";
	ssize_t n = pread(monitor_fd, line, sizeof(line) - 1, 0);
	uint32_t code;

	if (n < 2 || line[n - 1] != '\n')
		return -ESRCH;
	line[n - 1] = '\0';
	if (num_parse_u32(line + strspn(line, " "), &code) < 0 || code > 255)
		return -ESRCH;
	return (int)code;
}

int entry_await(int monitor_fd, struct err *err)
{
	while (flock(monitor_fd, LOCK_SH) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "wait for the container's monitor");
	(void)flock(monitor_fd, LOCK_UN);
	return entry_read_exit(monitor_fd);
}

/* ------------------------------------------------------------------------------- the socket */

int entry_listen(const struct entry *entry, int *ret_fd, struct err *err)
{
	int r = sock_listen_at(entry->dir_fd, ENTRY_ATTACH_SOCKET, SOCK_SEQPACKET, ret_fd, err);

	if (r != -EADDRINUSE)
		return r;
	(void)unlinkat(entry->dir_fd, ENTRY_ATTACH_SOCKET, 0);
	return sock_listen_at(entry->dir_fd, ENTRY_ATTACH_SOCKET, SOCK_SEQPACKET, ret_fd, err);
}

int entry_call(const struct entry *entry, int *ret_fd, struct err *err)
{
	return sock_connect_at(entry->dir_fd, ENTRY_ATTACH_SOCKET, SOCK_SEQPACKET, ret_fd, err);
}
