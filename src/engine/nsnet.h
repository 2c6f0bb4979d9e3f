/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a process has of networks: what is in its network namespace (net/look.h, sys/sockets.h), and
 * what the engine knows of it where a container brought it. Any process will do. Data for the
 * command line to put into words, and for JSON as it stands; what may not be read is missing, and
 * never a failure.
 */

#include "engine/engine.h"
#include "engine/net_record.h"
#include "engine/nsscan.h"
#include "net/look.h"

struct nsnet_socket {
	char *protocol; /* "tcp", "udp" */
	char *address;
	uint32_t port;
	uint32_t host_pid; /* of those who have it, the lowest; 0: not ours to see */
	char *name;        /* of that process; NULL: as above */
};

/* Whom it asks for addresses of names. */
struct nsnet_names {
	struct oci_strings servers; /* as its resolv.conf says */
	bool has_resolver;          /* that is 127.0.0.11, where its monitor answers; */
	struct oci_strings asked;   /* who is asked there about names of no container */
};

struct nsnet {
	uint32_t host_pid;
	char *name;
	uint64_t ino; /* of the network namespace; 0: not readable */
	int whose;    /* enum ns_whose */
	struct oci_strings containers; /* of the engine, that are in it */
	struct look look;
	char *unreadable; /* why there is nothing of interfaces and routes, or NULL */
	OCI_LIST(struct nsnet_socket) listens;
	OCI_LIST(struct net_port) ports; /* that are published */
	struct nsnet_names names;
	bool is_cut; /* there are very many of something: the rest is left out */
};

/* Look at process `host_pid`, of which the engine need not know. All of *ret in `arena`. The
 * calling process must be single-threaded. ERR_NOT_FOUND (-ESRCH): there is no such process. */
int nsnet_make(const struct engine *engine, const struct nsscan *scan, pid_t host_pid,
	       struct arena *arena, struct nsnet *ret, struct err *err);
