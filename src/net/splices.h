/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Joins connections to [::1] to a container, for published TCP ports: the kernel can't lead those
 * anywhere by address translation, for nothing with that address leaves the loopback device. All
 * other ways to a published port are the packet filter's (net/firewall.h), and nothing else gets
 * here: the sockets listen at [::1] only. The container sees its bridge's address as the client's.
 *
 * Bytes go by splice(2) through pipes and are never copied to this process. An end of one direction
 * is passed on as such; a connection that broke is reset on the other side; urgent data arrives
 * in its place among the rest. There is no such thing for UDP: a datagram to [::1] reaches nobody.
 *
 * It never blocks: its owner polls for it. The process must ignore SIGPIPE.
 */

#include "base/err.h"
#include "base/ip.h"
#include "net/reserve.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/* At once; those beyond wait in the kernel's queue. Each takes 2 descriptors, and up to 4 more
 * while someone does not take what was sent to him. */
#define SPLICES_MAX 128
#define SPLICES_POLLS	   2

struct splices;

/*
 * `listeners` are borrowed for as long as it is open. `ips` are the container's, in the order in
 * which they are tried; family 0: none. Connections to them are made from the network namespace
 * that the process is in then.
 */
int splices_open(struct splices **ret, const struct reserve_listener *listeners, size_t n,
		const struct ip ips[static 2], struct err *err);

/* The container has other addresses now. Connections that are joined stay so. */
void splices_set_ips(struct splices *splices, const struct ip ips[static 2]);

void splices_close(struct splices **splices); /* what is joined is reset; NULL is allowed */

/* What it waits for: fills `fds`, room for SPLICES_POLLS. Returns how many. */
size_t splices_poll(const struct splices *splices, struct pollfd *fds);

/* How long to wait at most; -1: until there is something. `now_ms` is of clock_ms(). */
int splices_timeout_ms(const struct splices *splices, int64_t now_ms);

/* Go on, after poll(2), with what splices_poll filled. */
void splices_step(struct splices *splices, const struct pollfd *fds, size_t n, int64_t now_ms);
