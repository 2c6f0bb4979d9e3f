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
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES (16U << 20)
#define NAME_MAX_BYTES 256
#define LISTED_MAX     4096

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
	row.is_connected = state == TCP_ESTABLISHED;
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

typedef bool socket_fn(uint64_t inode, void *arg);

/* Show `fn` the sockets that a process has, until it returns true. */
static bool each_socket(int pid_dir_fd, socket_fn *fn, void *arg)
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
		unsigned long long inode;

		link[n < 0 ? 0 : n] = '\0';
		if (sscanf(link, "socket:[%llu]", &inode) == 1 && fn(inode, arg))
			return true;
	}
	return false;
}

static bool is_inode(uint64_t inode, void *arg)
{
	return inode == *(const uint64_t *)arg;
}

static int find_holder(int proc_fd, uint64_t inode, pid_t *ret_host_pid, struct err *err)
{
	auto_arena struct arena arena = {};
	pid_t *pids;
	size_t n;
	int r = proc_pids(proc_fd, &arena, &pids, &n, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		auto_close int pid_dir_fd = -1;

		if (proc_open_pid(proc_fd, pids[i], &pid_dir_fd) == 0 &&
		    each_socket(pid_dir_fd, is_inode, &inode)) {
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

/* ------------------------------------------------------------------------------- all of them */

struct listing {
	struct buf found; /* struct sockets_listener */
	size_t n;
	bool is_cut;
};

static void listing_done(struct listing *listing)
{
	buf_done(&listing->found);
}

/* The kernel tells of TCP sockets that listen before all others: where there are too many of these,
 * nothing is missing. */
static void list_file(int pid_dir_fd, const char *file, uint8_t proto, struct listing *listing)
{
	struct sockets_listener found = { .proto = proto };
	auto_buf struct buf text = {};
	char *line, *rest;
	int r = proc_read_at(pid_dir_fd, file, FILE_MAX_BYTES, &text);

	if ((r < 0 && r != -EFBIG) || !text.data)
		return;
	listing->is_cut |= r < 0 && proto == IPPROTO_UDP;
	for (line = strtok_r(text.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!sockets_parse_row(line, proto == IPPROTO_TCP, &found.row) ||
		    found.row.is_connected)
			continue;
		if (listing->n == LISTED_MAX) {
			listing->is_cut = true;
			return;
		}
		buf_add(&listing->found, &found, sizeof(found));
		listing->n++;
	}
}

static int compare_inodes(const void *a, const void *b)
{
	const struct sockets_listener *x = a, *y = b;

	return x->row.inode < y->row.inode ? -1 : x->row.inode > y->row.inode;
}

static int compare_ports(const void *a, const void *b)
{
	const struct sockets_listener *x = a, *y = b;

	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	if (x->row.port != y->row.port)
		return x->row.port < y->row.port ? -1 : 1;
	return ip_compare(&x->row.ip, &y->row.ip);
}

/* A process, and those sockets by inode of which one may be its. */
struct holder {
	struct sockets_list *list;
	struct arena *arena;
	pid_t host_pid;
	int pid_dir_fd;
	char *name;
	size_t n_unknown;
};

static char *read_name(const struct holder *holder)
{
	auto_buf struct buf comm = {};

	if (proc_read_at(holder->pid_dir_fd, "comm", NAME_MAX_BYTES, &comm) < 0 || !comm.len)
		return NULL;
	if (comm.data[comm.len - 1] == '\n')
		comm.data[--comm.len] = '\0';
	return arena_strdup(holder->arena, buf_str(&comm));
}

static bool note_holder(uint64_t inode, void *arg)
{
	const struct sockets_listener key = { .row.inode = inode };
	struct holder *holder = arg;
	struct sockets_listener *found = bsearch(&key, holder->list->v, holder->list->n,
						 sizeof(key), compare_inodes);

	if (!found || found->host_pid)
		return false;
	if (!holder->name)
		holder->name = read_name(holder);
	found->host_pid = holder->host_pid;
	found->name = holder->name;
	return --holder->n_unknown == 0;
}

static int find_holders(int proc_fd, struct sockets_list *list, struct arena *arena,
			struct err *err)
{
	struct holder holder = { .list = list, .arena = arena, .n_unknown = list->n };
	pid_t *pids;
	size_t n;
	int r = proc_pids(proc_fd, arena, &pids, &n, err);

	for (size_t i = 0; r == 0 && i < n && holder.n_unknown; i++) {
		auto_close int pid_dir_fd = -1;

		if (proc_open_pid(proc_fd, pids[i], &pid_dir_fd) < 0)
			continue;
		holder.host_pid = pids[i];
		holder.pid_dir_fd = pid_dir_fd;
		holder.name = NULL;
		(void)each_socket(pid_dir_fd, note_holder, &holder);
	}
	return r;
}

int sockets_list(int proc_fd, int pid_dir_fd, struct arena *arena, struct sockets_list *ret,
		 struct err *err)
{
	auto_cleanup(listing_done) struct listing listing = {};
	int r = 0;

	list_file(pid_dir_fd, "net/tcp", IPPROTO_TCP, &listing);
	list_file(pid_dir_fd, "net/tcp6", IPPROTO_TCP, &listing);
	list_file(pid_dir_fd, "net/udp", IPPROTO_UDP, &listing);
	list_file(pid_dir_fd, "net/udp6", IPPROTO_UDP, &listing);
	*ret = (struct sockets_list){ .n = listing.n, .is_cut = listing.is_cut };
	ret->v = arena_array(arena, struct sockets_listener, ret->n + 1);
	if (ret->n == 0)
		return 0;
	memcpy(ret->v, listing.found.data, listing.found.len);
	qsort(ret->v, ret->n, sizeof(*ret->v), compare_inodes);
	r = find_holders(proc_fd, ret, arena, err);
	qsort(ret->v, ret->n, sizeof(*ret->v), compare_ports);
	return r;
}
