/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a container that runs has of networks, in the hands of its monitor: its places on them, its
 * interfaces, its ports on the host, and the resolver that answers in its namespace.
 *
 *	stack_take	before it is born: places on networks, and ports
 *	stack_attach	as it is born (rt_create.on_network): interfaces, the resolver, the firewall
 *	stack_settle	it runs: what only its birth needed is let go
 *	stack_follow_up	a moment later: what takes its time, and nobody waits for
 *	stack_poll ...	while it runs
 *	stack_end	it has ended: its ports are free for others at once
 *	stack_give_back	when nobody waits any more: the rest is given back
 *	stack_free	the last of all: waits a moment if there were ports
 *
 * Only a container that is on networks has a stack; of one that has none, NULL, nothing here takes
 * any time.
 *
 * A monitor that is killed gives nothing back. Interfaces, the resolver's sockets and those of the
 * ports go with the last process that has them. Its places are free as soon as somebody wants them
 * (engine_member_is_gone), its ports in the packet filter are withdrawn by who meets them
 * (engine/published.h), and all of it is taken away by stack_clear, when the container is removed
 * or starts again. One that goes on without its monitor keeps all but the resolver, and [::1].
 */

#include "engine/entry.h"
#include "engine/stack_files.h"
#include "net/resolver.h"
#include "net/splices.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

struct stack;

/* How long what takes its time waits: by then whoever starts or stops others is past it. */
#define STACK_GRACE_MS 50

/* *ret: NULL if the container is on no network. On failure nothing is left. ERR_CONFLICT: an
 * address or a port is taken. */
int stack_take(const struct engine *engine, const struct entry *entry, const struct config *config,
	       struct stack **ret, struct err *err);

/* What it is to see of that; until stack_settle. */
struct stack_view stack_view(const struct stack *stack);

/* An rt_network_fn; `stack` is a struct stack *. On failure what it made goes with the namespace,
 * and by stack_give_back. */
int stack_attach(int netns_fd, void *stack, struct err *err);

void stack_settle(struct stack *stack);
void stack_follow_up(struct stack *stack);

/* What it waits for: fills `fds`, room for STACK_POLLS. Returns how many. */
#define STACK_POLLS (RESOLVER_POLLS + SPLICES_POLLS)
size_t stack_poll(struct stack *stack, struct pollfd *fds);

/* How long to wait at most; -1: until there is something. `now_ms` is of clock_ms(). */
int stack_timeout_ms(const struct stack *stack, int64_t now_ms);

/* Go on, after poll(2), with what stack_poll filled. */
void stack_step(struct stack *stack, const struct pollfd *fds, size_t n, int64_t now_ms);

void stack_end(struct stack *stack);
void stack_give_back(struct stack *stack);
void stack_free(struct stack *stack);

/* Of a container that does not run: what a monitor that was killed did not give back. `config` is
 * NULL where its places need not be looked for that it had not written down yet. */
void stack_clear(const struct engine *engine, const struct entry *entry,
		 const struct config *config);
