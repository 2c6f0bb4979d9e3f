/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which process has a port, by /proc/PID/net/{tcp,tcp6,udp,udp6} and everybody's descriptors. It
 * reads a lot: it is for telling of a failure, or for a person who asks. proc(5).
 */

#include "base/arena.h"
#include "base/err.h"
#include "base/ip.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A socket that can be in somebody's way: of UDP any, of TCP one that listens. */
struct sockets_row {
	struct ip ip; /* :: may mean both families */
	uint16_t port;
	bool is_connected; /* UDP: only one at the other side is heard */
	uint64_t inode;
};

/* One line of /proc/PID/net/tcp, tcp6, udp or udp6. false: it is none of such a socket. */
bool sockets_parse_row(const char *line, bool is_tcp, struct sockets_row *ret);

/*
 * Find the process that has a socket of IPPROTO_TCP or IPPROTO_UDP on that port of the network
 * namespace that the caller is in, at `ip` or at one that overlaps with it (family 0: at any). 1,
 * and its pid; 0: there is none, or none that we see.
 */
int sockets_find_process(int proc_fd, uint8_t proto, const struct ip *ip, uint16_t port,
			 pid_t *ret_host_pid, struct err *err);

/* A socket that takes what comes from anybody. */
struct sockets_listener {
	struct sockets_row row;
	uint8_t proto;  /* IPPROTO_TCP, IPPROTO_UDP */
	pid_t host_pid; /* of those who have it, the lowest that we see; 0: none */
	char *name;     /* what the kernel calls that process, any bytes; NULL: none */
};

/*
 * Those of the network namespace that a process is in, `pid_dir_fd` (proc_open_pid), by protocol
 * and port, in `arena`; of very many the rest is left out. Everybody may read which there are, and
 * few whose they are. `proc_fd` is where their processes are looked for.
 */
struct sockets_list {
	struct sockets_listener *v;
	size_t n;
	bool is_cut; /* there are more */
};

int sockets_list(int proc_fd, int pid_dir_fd, struct arena *arena, struct sockets_list *ret,
		 struct err *err);
