/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sockets that hold a container's ports on the host for as long as it runs, in the network
 * namespace that the process is in when they are made. So a port that a server of the host has is
 * found before the container starts, no server takes one afterwards, and the kernel chooses those
 * that may be any. ip(7), ipv6(7), socket(7).
 *
 * Nothing ever comes out of them: what is sent to the ports is led to the container by the packet
 * filter (net/firewall.h) before it gets to a socket. It can't do that for [::1]. There TCP ports
 * listen, for net/splices.h; UDP datagrams for it are dropped without a word.
 *
 * A port costs one socket, and one more where it listens at [::1]: that is TCP on all addresses or
 * on "::". 1,000 such ports are 2,000 sockets, which takes some 20 ms and 8 MB of the kernel's.
 */

#include "base/err.h"
#include "base/ip.h"
#include "net/port.h"
#include "sys/nft.h"

#include <stddef.h>
#include <stdint.h>

/* A socket that listens at [::1], non-blocking. */
struct reserve_listener {
	int fd;
	uint16_t port; /* in the container */
};

struct reserve {
	/* What was asked for with all that was open decided: `host_port` is known, `host_ip` is
	 * the default one where none was given, `host_end` is 0. What is in a row is one; the
	 * order is that of their being decided. */
	struct port *ports;
	size_t n_ports;
	struct reserve_listener *listeners;
	size_t n_listeners;
	int *fds; /* of the sockets that only hold */
	size_t n_fds;
	struct port taken; /* after -EADDRINUSE: which it was */
};

/*
 * Reserve all of `ports` or none. `host_ip` is for those without an address; if its family is 0
 * too, they are of all addresses of both families. Those that are fixed come first, then one of
 * "8000-9000:80", then any free ones, so that none of these takes what another one needs.
 *
 * Where there are so many that they don't fit below the soft limit RLIMIT_NOFILE they get numbers
 * above it, as far as the hard limit goes. The soft one is as it was when this returns.
 *
 * -EADDRINUSE, ERR_CONFLICT: "port 8080 is already used on the host, by 'nginx' (process 1234)", if
 * that can be found; a container may have it, see reserve_find_holder. -EADDRNOTAVAIL,
 * ERR_NOT_FOUND: the host has no such address. -EMFILE: there are too many. Only `taken` of *ret is
 * written then.
 */
int reserve_open(struct reserve *ret, const struct port *ports, size_t n, const struct ip *host_ip,
		 struct err *err);

/* Close all sockets, the listeners too. `ports` stays. */
void reserve_release(struct reserve *reserve);

/* That, if it was not done, and all else. */
void reserve_close(struct reserve *reserve);

/* The container that has published `taken`, or one of its range: 1, and its id as it was given to
 * firewall_publish. 0: none has. For the words "port 8080 is already used by container web". */
int reserve_find_holder(struct nft *nft, const struct port *taken,
			char ret_id[static NFT_COMMENT_MAX + 1], struct err *err);
