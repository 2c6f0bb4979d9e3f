/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The shapes in which `tare ns` says what it knows: tables of 80 columns, and JSON. */

#include "base/arena.h"
#include "base/buf.h"
#include "engine/nsnet.h"
#include "engine/nstree.h"
#include "engine/nsview.h"

#define NS_COLUMNS 80

/* `scan` knows who shares a namespace. */
void ns_view_format(const struct nsview *view, const struct nsscan *scan, struct arena *arena,
		    struct buf *out);
void ns_view_format_json(const struct nsview *view, struct buf *out);

void ns_tree_format(const struct nstree *tree, const struct nsscan *scan, struct arena *arena,
		    struct buf *out);
void ns_tree_format_json(const struct nstree *tree, struct buf *out);

void ns_net_format(const struct nsnet *view, struct arena *arena, struct buf *out);
void ns_net_format_json(const struct nsnet *view, struct buf *out);

/* "mnt", and "host", "own", "unknown", "unreadable". */
const char *ns_kind_name(int kind);
const char *ns_whose_name(int whose);

/* What processes are called; names are read when they are needed. */
struct ns_names {
	const struct nsscan *scan;
	struct arena *arena;
};

/* "8124 sleep, 8130 cat, 3 more": as many of `pids` as fit into `columns`. */
void ns_list_format(const struct ns_names *names, const uint32_t *pids, size_t n, size_t columns,
		    struct buf *out);

/* The paragraph on control groups. */
void ns_cgroup_format(const struct nsview_cgroup *cgroup, struct buf *out);

/* What was left out because we may not read it, as a line of its own; nothing when `n` is 0. */
void ns_hidden_format(uint64_t n, struct buf *out);
