/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one process that stays with a container: the parent of its first process. It gives it
 * standard descriptors, keeps what it writes, tells whoever is attached of its end, and writes that
 * down. It is a copy of the program that started the container, forked before the container is
 * made, in a session and in cgroups of its own: it outlives that program, the terminal and the
 * caller's session. Its lock (engine/entry.h) is how others know that it lives.
 *
 * There is one for every container, attached or not.
 */

#include "engine/attach.h"
#include "engine/entry.h"
#include "engine/root.h"
#include "engine/spec.h"

struct monitor_request {
	const struct engine *engine;
	const struct entry *entry;
	const struct config *config;
	const struct root *root;
	const struct spec_place *place;
	struct oci_spec *spec; /* NULL: made when the root is mounted */
	int lock_fd;     /* of entry_begin */
	int sock_fd;     /* to who starts it (engine/message.h) */
	unsigned streams; /* enum attach_streams: what the container writes there goes to our own */
	unsigned preserve_fds; /* descriptors 3 .. 3+N-1 are passed on */
	bool is_new;     /* made by who starts it: when that fails nothing is left of it */
};

/* In the process that becomes the monitor. */
_Noreturn void monitor_run(const struct monitor_request *request);

/* It does not come to that: one that is new is removed, another says why it does not run. */
void monitor_give_up(const struct monitor_request *request, const struct err *failure);
