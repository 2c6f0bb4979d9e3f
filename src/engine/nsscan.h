/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which process is in which namespaces, on the whole host: one pass over /proc, that needs no
 * rights and counts what it may not see. It is a picture of a moment that has passed; whoever says
 * more of a process looks again, and by a descriptor (proc_open_pid).
 *
 * Threads are not looked at: a process is where its first thread is. One that has ended, and waits
 * for its parent to ask for its status, is in no namespace any more.
 */

#include "base/arena.h"
#include "base/err.h"
#include "sys/ns.h"

#include <stdbool.h>
#include <sys/types.h>

struct nsscan_process {
	pid_t host_pid;
	ino_t ns[NS_KIND_MAX_]; /* 0: this kernel has no such namespaces */
};

struct nsscan {
	int proc_fd; /* sys/proc.h; kept open */
	struct nsscan_process *v; /* by host_pid */
	size_t n, n_hidden; /* hidden: processes whose namespaces we may not read */
	ino_t host[NS_KIND_MAX_]; /* the host's own; 0: we can't tell */
};

enum ns_whose {
	NS_OF_HOST,
	NS_OWN,         /* not the host's */
	NS_UNKNOWN,     /* it is known, the host's is not */
	NS_UNREADABLE,  /* not ours to read, or there is none */
	NS_WHOSE_MAX_
};

/*
 * Look at every process. The host's namespaces are those of process 1; in a container, of the
 * container's. Where that may not be read they are the ones the machine booted with, if we are in
 * the first pid namespace and the kernel gives them fixed numbers, and otherwise our own.
 */
int nsscan_run(struct nsscan *scan, struct arena *arena, struct err *err);
void nsscan_done(struct nsscan *scan);
#define auto_nsscan auto_cleanup(nsscan_done)

/* The namespaces that a process is in (ns_open_dir), each that may be read; the others are 0. */
void nsscan_read(int ns_dir_fd, ino_t ret[NS_KIND_MAX_]);

enum ns_whose nsscan_whose(const struct nsscan *scan, enum ns_kind kind, ino_t ino);

/* NULL: it was not there, or not readable. */
const struct nsscan_process *nsscan_find(const struct nsscan *scan, pid_t host_pid);

/* What a process of the scan is called, as UTF-8 in `arena`; "" once it is gone. */
char *nsscan_name(const struct nsscan *scan, const struct nsscan_process *process,
		  struct arena *arena);
