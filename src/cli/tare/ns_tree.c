/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of namespaces, in words: each a line, indented below the user namespace that rules it.
 * Of the host's own there is nothing to say but how many live there; of another, who does. Several
 * namespaces made at once have the same inhabitants: these are named once.
 */
#include "cli/tare/ns.h"
#include "cli/tare/quantity.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define NAME_COLUMNS 29
#define WHO_COLUMNS  (NS_COLUMNS - NAME_COLUMNS - 2 - 9 - 2)
#define DEPTH_SHOWN  6 /* deeper ones are not indented further */

static bool is_same_list(const struct nstree_node *a, const struct nstree_node *b)
{
	return a->pids.n == b->pids.n &&
	       memcmp(a->pids.v, b->pids.v, a->pids.n * sizeof(*a->pids.v)) == 0;
}

/* What keeps a namespace, or made it: the reason why it is there. */
static void add_origin(const struct nstree_node *node, struct buf *out)
{
	if (node->mounts.n)
		buf_printf(out, "at %s", node->mounts.v[0]);
	else if (node->kind == NS_USER && node->owner_uid.is_set)
		buf_printf(out, "made by uid %llu", (unsigned long long)node->owner_uid.value);
	else if (node->pids.n == 0)
		buf_puts(out, "around others");
}

static void add_who(const struct nstree *tree, size_t i, const struct ns_names *names,
		    struct buf *out)
{
	const struct nstree_node *node = &tree->nodes.v[i];
	auto_buf struct buf origin = {}, shown = {};
	size_t used;

	if (node->whose == NS_OF_HOST) {
		buf_puts(out, "the host's");
		return;
	}
	add_origin(node, &origin);
	used = utf8_add_printable(&shown, buf_str(&origin), WHO_COLUMNS);
	buf_puts(out, buf_str(&shown));
	if (node->pids.n && used + 16 > WHO_COLUMNS)
		return;
	buf_puts(out, used && node->pids.n ? ": " : "");
	used += used ? 2 : 0;
	if (i > 0 && node->pids.n && tree->nodes.v[i - 1].whose != NS_OF_HOST &&
	    is_same_list(node, &tree->nodes.v[i - 1]))
		buf_puts(out, "the same");
	else
		ns_list_format(names, node->pids.v, node->pids.n, WHO_COLUMNS - used, out);
}

static void add_node(const struct nstree *tree, size_t i, const struct ns_names *names,
		     struct buf *out)
{
	const struct nstree_node *node = &tree->nodes.v[i];
	uint32_t depth = node->depth < DEPTH_SHOWN ? node->depth : DEPTH_SHOWN;
	char name[48];

	(void)snprintf(name, sizeof(name), "%*s%s %llu", (int)(2 * depth), "",
		       ns_kind_name(node->kind), (unsigned long long)node->ino);
	buf_printf(out, "%-*s  %9zu  ", NAME_COLUMNS, name, node->pids.n);
	add_who(tree, i, names, out);
	buf_puts(out, "\n");
}

void ns_tree_format(const struct nstree *tree, const struct nsscan *scan, struct arena *arena,
		    struct buf *out)
{
	const struct ns_names names = { scan, arena };

	buf_printf(out, "%-*s  PROCESSES  WHO\n", NAME_COLUMNS, "NAMESPACE");
	for (size_t i = 0; i < tree->nodes.n; i++)
		add_node(tree, i, &names, out);
	ns_hidden_format(tree->n_hidden, out);
}
