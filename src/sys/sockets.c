/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel knows a socket by the number of its inode, and a process's descriptor of it is a link
 * to "socket:[NUMBER]". Who has it is found by reading the links of all processes.
 */
#include "sys/sockets.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#define FILE_MAX_BYTES (16U << 20)

/* Groups of eight digits, each four bytes as they lie in memory. */
static bool parse_ip(const char *hex, struct ip *ret)
{
	const size_t n_groups = strlen(hex) / 8;

	if (strlen(hex) != 8 && strlen(hex) != 32)
		return false;
	*ret = (struct ip){ .family = n_groups == 1 ? AF_INET : AF_INET6 };
	for (size_t i = 0; i < n_groups; i++) {
		unsigned group;

		if (sscanf(hex + 8 * i, "%8x", &group) != 1)
			return false;
		memcpy(ret->bytes + 4 * i, &group, sizeof(group));
	}
	return true;
}

bool sockets_parse_row(const char *line, bool is_tcp, struct sockets_row *ret)
{
	struct sockets_row row;
	unsigned port, state;
	unsigned long long inode;
	char ip[33];

	if (sscanf(line, " %*u: %32[0-9A-F]:%4x %*32[0-9A-F]:%*4x %2x %*s %*s %*s %*u %*d %llu", ip,
		   &port, &state, &inode) != 4 ||
	    !parse_ip(ip, &row.ip) || (is_tcp && state != TCP_LISTEN))
		return false;
	row.port = (uint16_t)port;
	row.inode = inode;
	*ret = row;
	return true;
}

/* ------------------------------------------------------------------------------- the socket */

static bool is_in_the_way(const struct sockets_row *row, const struct ip *ip)
{
	if (row->ip.family == AF_INET && ip->family == AF_INET6)
		return false;
	if (ip_is_any(&row->ip) || ip_is_any(ip))
		return true;
	return ip_compare(&row->ip, ip) == 0;
}

/* 1: found. */
static int find_in(int proc_fd, const char *file, bool is_tcp, const struct ip *ip,
		   struct sockets_row *row)
{
	const uint16_t port = row->port;
	auto_buf struct buf text = {};
	struct err ignored;
	char *line, *rest;

	if (proc_read(proc_fd, 0, file, FILE_MAX_BYTES, &text, &ignored) < 0 || !text.data)
		return 0;
	for (line = strtok_r(text.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (sockets_parse_row(line, is_tcp, row) && row->port == port &&
		    is_in_the_way(row, ip))
			return 1;
	row->port = port;
	return 0;
}

/* ------------------------------------------------------------------------------- the process */

static bool has_link(int pid_dir_fd, const char *target)
{
	auto_close int fd = openat(pid_dir_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char link[64];

	if (!dir)
		return false;
	(void)take_fd(&fd);
	while ((entry = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);

		link[n < 0 ? 0 : n] = '\0';
		if (strcmp(link, target) == 0)
			return true;
	}
	return false;
}

static int find_holder(int proc_fd, uint64_t inode, pid_t *ret_host_pid, struct err *err)
{
	auto_arena struct arena arena = {};
	char target[32];
	pid_t *pids;
	size_t n;
	int r = proc_pids(proc_fd, &arena, &pids, &n, err);

	if (r < 0)
		return r;
	(void)snprintf(target, sizeof(target), "socket:[%ju]", (uintmax_t)inode);
	for (size_t i = 0; i < n; i++) {
		auto_close int pid_dir_fd = -1;

		if (proc_open_pid(proc_fd, pids[i], &pid_dir_fd) == 0 &&
		    has_link(pid_dir_fd, target)) {
			*ret_host_pid = pids[i];
			return 1;
		}
	}
	return 0;
}

int sockets_find_process(int proc_fd, uint8_t proto, const struct ip *ip, uint16_t port,
			 pid_t *ret_host_pid, struct err *err)
{
	const bool is_tcp = proto == IPPROTO_TCP;
	struct sockets_row row = { .port = port };

	if (!is_tcp && proto != IPPROTO_UDP)
		return 0;
	if (!find_in(proc_fd, is_tcp ? "net/tcp" : "net/udp", is_tcp, ip, &row) &&
	    !find_in(proc_fd, is_tcp ? "net/tcp6" : "net/udp6", is_tcp, ip, &row))
		return 0;
	return find_holder(proc_fd, row.inode, ret_host_pid, err);
}
