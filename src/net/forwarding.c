/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that forwards IPv6 counts as a router, and a router ignores what other routers advertise,
 * unless accept_ra of the interface is 2. So where it was 1 it becomes 2, before forwarding is
 * turned on: the kernel drops the routes it has learned at that moment. Where forwarding is on
 * already, 1 is what somebody wants.
 *
 * What stands as wanted is not written: in a nested container these files may be read-only.
 */
#include "net/forwarding.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "sys/each_name.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define VALUE_MAX_BYTES 64

static bool reads(int proc_fd, const char *path, const char *value)
{
	auto_buf struct buf text = {};
	size_t len = strlen(value);

	return proc_read_at(proc_fd, path, VALUE_MAX_BYTES, &text) == 0 &&
	       strncmp(buf_str(&text), value, len) == 0 && buf_str(&text)[len] == '\n';
}

static int turn_on(int proc_fd, const char *path, struct err *err)
{
	int r = reads(proc_fd, path, "1") ? 0 : proc_write(proc_fd, path, "1");

	return r < 0 ? err_sys(err, -r, "write '/proc/%s'", path) : 0;
}

/* An interface that goes away meanwhile needs nothing. */
static int keep_learning(void *data, int dir_fd, const char *name)
{
	const int *proc_fd = data;
	char path[320];

	(void)dir_fd;
	if (strcmp(name, "all") == 0 || strcmp(name, "default") == 0)
		return 0;
	(void)snprintf(path, sizeof(path), "sys/net/ipv6/conf/%s/accept_ra", name);
	if (reads(*proc_fd, path, "1"))
		(void)proc_write(*proc_fd, path, "2");
	return 0;
}

static int enable_ip6(int proc_fd, struct err *err)
{
	static const char path[] = "sys/net/ipv6/conf/all/forwarding";
	int fd, r;

	if (reads(proc_fd, path, "1"))
		return 0;
	fd = openat(proc_fd, "sys/net/ipv6/conf", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = fd < 0 ? -errno : each_name(fd, keep_learning, &proc_fd);
	if (r == -ENOENT)
		return err_set(err, ERR_USAGE, EAFNOSUPPORT, "this kernel has no IPv6");
	if (r < 0)
		return err_sys(err, -r, "list '/proc/sys/net/ipv6/conf'");
	return turn_on(proc_fd, path, err);
}

int forwarding_enable(bool has_ip6, struct err *err)
{
	auto_close int proc_fd = -1;
	int r = proc_open(&proc_fd, err);

	if (r == 0)
		r = turn_on(proc_fd, "sys/net/ipv4/ip_forward", err);
	if (r == 0 && has_ip6)
		r = enable_ip6(proc_fd, err);
	return r < 0 ? err_wrap(err, "let the host forward packets") : 0;
}
