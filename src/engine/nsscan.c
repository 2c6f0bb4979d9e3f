/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading links does not open the namespaces behind them, and is most of what a pass costs: eight
 * for each process, so nothing else is read here, and names only of those that are shown. The mount
 * namespace is asked for first, for every process has one until it ends; where that may not be
 * read, nor may the others, and the process is only counted.
 */
#include "engine/nsscan.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "sys/proc.h"

#include <string.h>

#define NAME_MAX_BYTES 256

void nsscan_read(int ns_dir_fd, ino_t ret[NS_KIND_MAX_])
{
	for (int kind = 0; kind < NS_KIND_MAX_; kind++) {
		ret[kind] = 0;
		(void)ns_read_ino(ns_dir_fd, (enum ns_kind)kind, &ret[kind]);
	}
}

/* ------------------------------------------------------------------------------- one process */

/* 0, or why it is not to be listed. */
static int look_at(int proc_fd, pid_t host_pid, struct nsscan_process *ret)
{
	auto_close int dir_fd = -1;
	int r = ns_open_dir(proc_fd, host_pid, &dir_fd);

	if (r == 0)
		r = ns_read_ino(dir_fd, NS_MOUNT, &ret->ns[NS_MOUNT]);
	if (r < 0)
		return r;
	for (int kind = 0; kind < NS_KIND_MAX_; kind++)
		if (kind != NS_MOUNT)
			(void)ns_read_ino(dir_fd, (enum ns_kind)kind, &ret->ns[kind]);
	ret->host_pid = host_pid;
	return 0;
}

/* ------------------------------------------------------------------------------- the host's own */

static void find_host(struct nsscan *scan)
{
	const struct nsscan_process *first = nsscan_find(scan, 1);
	auto_close int self_fd = -1, dir_fd = -1;
	ino_t own[NS_KIND_MAX_] = {};

	if (first) {
		memcpy(scan->host, first->ns, sizeof(scan->host));
		return;
	}
	if (proc_open_pid(scan->proc_fd, 0, &self_fd) == 0 &&
	    ns_open_dir_at(self_fd, &dir_fd) == 0)
		nsscan_read(dir_fd, own);
	for (int i = 0; i < NS_KIND_MAX_; i++) {
		enum ns_kind kind = (enum ns_kind)i;
		ino_t initial = own[NS_PID] == ns_initial_ino(NS_PID) ? ns_initial_ino(kind) : 0;

		scan->host[kind] = initial ? initial : own[kind];
	}
}

/* ------------------------------------------------------------------------------- all of them */

int nsscan_run(struct nsscan *scan, struct arena *arena, struct err *err)
{
	pid_t *pids = NULL;
	size_t n = 0;
	int r;

	*scan = (struct nsscan){ .proc_fd = -1 };
	r = proc_open(&scan->proc_fd, err);
	if (r == 0)
		r = proc_pids(scan->proc_fd, arena, &pids, &n, err);
	if (r < 0)
		return r;
	scan->v = arena_array(arena, struct nsscan_process, n + 1);
	for (size_t i = 0; i < n; i++) {
		r = look_at(scan->proc_fd, pids[i], &scan->v[scan->n]);
		scan->n += r == 0;
		scan->n_hidden += r == -EACCES || r == -EPERM;
	}
	find_host(scan);
	return 0;
}

void nsscan_done(struct nsscan *scan)
{
	closep(&scan->proc_fd);
	*scan = (struct nsscan){ .proc_fd = -1 };
}

enum ns_whose nsscan_whose(const struct nsscan *scan, enum ns_kind kind, ino_t ino)
{
	if (ino == 0)
		return NS_UNREADABLE;
	if (scan->host[kind] == 0)
		return NS_UNKNOWN;
	return ino == scan->host[kind] ? NS_OF_HOST : NS_OWN;
}

const struct nsscan_process *nsscan_find(const struct nsscan *scan, pid_t host_pid)
{
	size_t low = 0, high = scan->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (scan->v[middle].host_pid == host_pid)
			return &scan->v[middle];
		if (scan->v[middle].host_pid < host_pid)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

char *nsscan_name(const struct nsscan *scan, const struct nsscan_process *process,
		  struct arena *arena)
{
	auto_close int dir_fd = -1, ns_dir_fd = -1;
	auto_buf struct buf comm = {}, name = {};
	ino_t now[NS_KIND_MAX_];

	if (proc_open_pid(scan->proc_fd, process->host_pid, &dir_fd) == 0 &&
	    ns_open_dir_at(dir_fd, &ns_dir_fd) == 0 &&
	    proc_read_at(dir_fd, "comm", NAME_MAX_BYTES, &comm) == 0) {
		nsscan_read(ns_dir_fd, now);
		if (memcmp(now, process->ns, sizeof(now)) != 0)
			comm.len = 0;
	}
	if (comm.len > 0 && comm.data[comm.len - 1] == '\n')
		comm.len--;
	if (comm.data)
		comm.data[comm.len] = '\0';
	utf8_add_valid(&name, buf_str(&comm));
	return arena_strdup(arena, buf_str(&name));
}
