/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a container sees of its network below /etc: hosts(5), hostname(5), resolv.conf(5). They lie
 * in its entry (engine/entry.h) and are bound over what its root has there. Who is in another
 * container's network sees that one's files.
 *
 *	stack_files_find	when it is planned: where they will be, for engine/spec.h
 *	stack_files_write	in its monitor, before its mounts are made
 *	stack_files_change	when it comes to a network, or leaves one, while it runs
 */

#include "engine/entry.h"
#include "engine/spec.h"

#include <stdbool.h>

/* What they say, besides what was asked for. */
struct stack_view {
	const struct net_record *record; /* its networks; NULL: it is on none */
	bool has_resolver;               /* 127.0.0.11 answers there: it is what is asked */
};

/* Fills place->hosts_path and its like, and place->hostname, in `arena`. */
int stack_files_find(const struct engine *engine, const struct config *config, struct arena *arena,
		     struct spec_place *place, struct err *err);

/*
 * Write anew those that are its own: what stood there when it ran before is forgotten. The host's
 * name servers and its address are those of the namespaces that this process is in. ERR_USAGE: what
 * was asked for can't stand there, by the name of the option ("--add-host: ...").
 */
int stack_files_write(const struct entry *entry, const struct config *config,
		      const struct stack_view *view, struct err *err);

/*
 * Put `after` in the place of `before`, in the same inodes, which it has mounted. In hosts the
 * lines that differ go and come; in resolv.conf the servers are exchanged, if it has a resolver now
 * and had none, or the other way round. What others wrote there stays.
 */
int stack_files_change(const struct entry *entry, const struct config *config,
		       const struct stack_view *before, const struct stack_view *after,
		       struct err *err);
