/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The resolver of one container. It answers for the containers that this one can see, and passes
 * everything else on to other servers. It never blocks: its owner polls for it.
 *
 * Sockets of the container's namespace come from outside; those towards other servers are opened in
 * the namespace of the calling process. RFC 1034, RFC 7766 (TCP), RFC 6761 ("localhost").
 */

#include "base/err.h"
#include "base/ip.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESOLVER_FLIGHTS     64 /* queries that wait for other servers at once */
#define RESOLVER_TCP_CLIENTS 16
#define RESOLVER_POLLS       (2 + RESOLVER_FLIGHTS + RESOLVER_TCP_CLIENTS)

#define RESOLVER_NAME_BYTES 256

/* Who is known. Names come in lower case, without a dot at the end; names of containers are to be
 * compared without regard to case. */
struct resolver_names {
	/* The addresses of `name` of `family`, at most `max`. Returns how many; *ret_exists says
	 * whether there is such a name at all, with addresses of that family or without. < 0: it
	 * can't be said now. `max` 0: only *ret_exists is asked for. */
	int (*find_name)(const char *name, int family, struct ip *ret, size_t max, bool *ret_exists,
			 void *arg);
	/* The name of an address. Returns > 0: it is there; 0: nobody's; < 0: it can't be said. */
	int (*find_ip)(const struct ip *ip, char ret_name[static RESOLVER_NAME_BYTES], void *arg);
	void *arg;
};

struct resolver_setup {
	int udp_fd, tcp_fd; /* of resolver_bind; resolver_open takes them over if it succeeds */
	struct resolver_names names;
	const struct ip *servers; /* --dns, at most 8; copied */
	size_t n_servers;         /* 0: the host's, read afresh whenever its file has changed */
	const char *host_conf;    /* NULL: /etc/resolv.conf; borrowed for as long as it is open */
	bool no_forward;          /* there is no way out: what is not known is answered SERVFAIL */
	const char *domain;       /* names may be asked for below it, "dns.podman"; "" or NULL:
				   * none. Borrowed. What is not known below it exists nowhere. */
};

struct resolver;

int resolver_open(struct resolver **ret, const struct resolver_setup *setup, struct err *err);
/* From now on others are asked, as setup->servers and setup->no_forward have it; at most 8. */
void resolver_set_servers(struct resolver *resolver, const struct ip *servers, size_t n,
			  bool no_forward);

void resolver_close(struct resolver **resolver); /* and its sockets; NULL is allowed */

/* What it waits for: fills `fds`, room for RESOLVER_POLLS. Returns how many. */
size_t resolver_poll(struct resolver *resolver, struct pollfd *fds);

/* How long to wait at most; -1: until there is something. `now_ms` is of clock_ms(). */
int resolver_timeout_ms(const struct resolver *resolver, int64_t now_ms);

/* Go on, after poll(2), with what resolver_poll filled. */
void resolver_step(struct resolver *resolver, const struct pollfd *fds, size_t n, int64_t now_ms);

/* A UDP socket and a TCP listener on 127.0.0.11, on ports that the kernel chooses, in the network
 * namespace that the process is in, the loopback device of which is brought up. Both are the
 * caller's, non-blocking. */
int resolver_bind(int *ret_udp_fd, int *ret_tcp_fd, struct err *err);
