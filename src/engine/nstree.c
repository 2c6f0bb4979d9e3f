/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sorting the scan by namespace makes the nodes. Then each is opened, by the directory of one of
 * its processes, and asked for its owner and its parent; what they turn out to be, and is not known
 * yet, joins the list and is asked in its turn. Relations that changed between two looks may be
 * wrong, so the tree is built from a list where each node is taken once, whatever they say.
 */
#include "engine/nstree.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "sys/mountinfo.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A process in a namespace; one for each of the scan, for each kind in turn. */
struct member {
	ino_t ino;
	uint32_t host_pid;
};

struct build {
	const struct nsscan *scan;
	struct arena *arena;
	struct buf nodes; /* struct nstree_node */
	size_t n_sorted;  /* so many of them, from the first, are by kind and inode */
};

static struct nstree_node *node_at(const struct build *build, size_t i)
{
	return (struct nstree_node *)build->nodes.data + i;
}

static size_t count(const struct build *build)
{
	return build->nodes.len / sizeof(struct nstree_node);
}

static size_t add_node(struct build *build, enum ns_kind kind, ino_t ino)
{
	const struct nstree_node node = {
		.kind = (int)kind,
		.ino = ino,
		.whose = (int)nsscan_whose(build->scan, kind, ino),
	};

	buf_add(&build->nodes, &node, sizeof(node));
	return count(build) - 1;
}

static int compare_key(int a_kind, uint64_t a_ino, int b_kind, uint64_t b_ino)
{
	if (a_kind != b_kind)
		return a_kind < b_kind ? -1 : 1;
	return a_ino < b_ino ? -1 : a_ino > b_ino;
}

/* The index of a node, or count() for one that is not there. */
static size_t find_node(const struct build *build, enum ns_kind kind, ino_t ino)
{
	size_t low = 0, high = build->n_sorted;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct nstree_node *node = node_at(build, middle);
		int order = compare_key(node->kind, node->ino, (int)kind, ino);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = build->n_sorted; i < count(build); i++)
		if (node_at(build, i)->kind == (int)kind && node_at(build, i)->ino == ino)
			return i;
	return count(build);
}

/* ------------------------------------------------------------------------------- with processes */

static int compare_members(const void *a_ptr, const void *b_ptr)
{
	const struct member *a = a_ptr, *b = b_ptr;

	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return a->host_pid < b->host_pid ? -1 : a->host_pid > b->host_pid;
}

/* The nodes of one kind, from its members in order. */
static void add_kind(struct build *build, enum ns_kind kind, const struct member *members, size_t n)
{
	uint32_t *pids = arena_array(build->arena, uint32_t, n + 1);

	for (size_t i = 0; i < n; i++) {
		struct nstree_node *node;

		pids[i] = members[i].host_pid;
		if (i == 0 || members[i].ino != members[i - 1].ino)
			node_at(build, add_node(build, kind, members[i].ino))->pids.v = &pids[i];
		node = node_at(build, count(build) - 1);
		node->pids.n++;
	}
}

static void add_inhabited(struct build *build)
{
	const struct nsscan *scan = build->scan;
	struct member *members = arena_array(build->arena, struct member, scan->n + 1);

	for (int kind = 0; kind < NS_KIND_MAX_; kind++) {
		size_t n = 0;

		for (size_t i = 0; i < scan->n; i++)
			if (scan->v[i].ns[kind])
				members[n++] = (struct member){ scan->v[i].ns[kind],
								(uint32_t)scan->v[i].host_pid };
		qsort(members, n, sizeof(*members), compare_members);
		add_kind(build, (enum ns_kind)kind, members, n);
	}
	build->n_sorted = count(build);
}

/* ------------------------------------------------------------------------------- relatives */

static void ask(struct build *build, size_t i, int ns_fd);

/* The inode of the namespace behind `fd`, which becomes a node if it is none yet. Closes `fd`. */
static ino_t meet(struct build *build, enum ns_kind kind, int fd)
{
	struct err ignored = {};
	struct ns_id id = {};

	if (ns_id(fd, &id, &ignored) == 0 && find_node(build, kind, id.ino) == count(build))
		ask(build, add_node(build, kind, id.ino), fd);
	(void)close(fd);
	return id.ino;
}

/* Ask node `i` for its relatives. Unknown ones are asked too: 32 levels are the kernel's most. */
static void ask(struct build *build, size_t i, int ns_fd)
{
	enum ns_kind kind = (enum ns_kind)node_at(build, i)->kind;
	uint64_t parent_ino = 0, owner_ino = 0;
	uid_t uid;
	int fd;

	if ((kind == NS_USER || kind == NS_PID) && ns_parent(ns_fd, &fd) == 0)
		parent_ino = meet(build, kind, fd);
	if (kind != NS_USER && ns_owner(ns_fd, &fd) == 0)
		owner_ino = meet(build, NS_USER, fd);
	node_at(build, i)->parent_ino = parent_ino;
	node_at(build, i)->owner_ino = kind == NS_USER ? parent_ino : owner_ino;
	if (kind == NS_USER && ns_owner_uid(ns_fd, &uid) == 0)
		node_at(build, i)->owner_uid = (struct oci_u64){ true, uid };
}

/* Is `ns_fd` the namespace of that number? Its process may have moved on. */
static bool is_node(int ns_fd, ino_t ino)
{
	struct err ignored = {};
	struct ns_id id = {};

	return ns_id(ns_fd, &id, &ignored) == 0 && id.ino == ino;
}

static void ask_by_process(struct build *build, size_t i)
{
	const struct nstree_node *node = node_at(build, i);

	for (size_t k = 0; k < node->pids.n; k++) {
		auto_close int dir_fd = -1, fd = -1;

		if (ns_open_dir(build->scan->proc_fd, (pid_t)node->pids.v[k], &dir_fd) < 0 ||
		    ns_open_at(dir_fd, (enum ns_kind)node->kind, &fd) < 0 ||
		    !is_node(fd, node->ino))
			continue;
		ask(build, i, fd);
		return;
	}
}

/* ------------------------------------------------------------------------------- mounted */

static void add_mount(struct build *build, size_t i, const char *point)
{
	struct nstree_node *node = node_at(build, i);
	char **mounts = arena_array(build->arena, char *, node->mounts.n + 2);
	auto_buf struct buf text = {};

	if (node->mounts.n)
		memcpy(mounts, node->mounts.v, node->mounts.n * sizeof(*mounts));
	utf8_add_valid(&text, point);
	mounts[node->mounts.n++] = arena_strdup(build->arena, buf_str(&text));
	node->mounts.v = mounts;
}

/* O_NONBLOCK: something else may lie above it by now. */
static void ask_by_mount(struct build *build, size_t i, const char *point)
{
	auto_close int fd = open(point, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const struct nstree_node *node = node_at(build, i);

	if (fd >= 0 && ns_is_kind(fd, (enum ns_kind)node->kind) && is_node(fd, node->ino))
		ask(build, i, fd);
}

static void add_mounted(struct build *build)
{
	auto_buf struct buf text = {}, line = {};
	struct mountinfo mount;
	struct err ignored = {};
	const char *rest;
	int r;

	if (mountinfo_read(build->scan->proc_fd, 0, &text, &ignored) < 0)
		return;
	rest = buf_str(&text);
	while ((r = mountinfo_next(&rest, &line, &mount)) != 0) {
		enum ns_kind kind;
		ino_t ino;
		size_t i;

		if (r < 0 || strcmp(mount.fs_type, "nsfs") != 0 ||
		    ns_parse(mount.root, &kind, &ino) < 0)
			continue;
		i = find_node(build, kind, ino);
		if (i == count(build)) {
			i = add_node(build, kind, ino);
			ask_by_mount(build, i, mount.point);
		}
		add_mount(build, i, mount.point);
	}
}

/* ------------------------------------------------------------------------------- in order */

/* The host's own come first, by kind; then what was made together stands together, the elder first,
 * and last what is empty. */
static int compare_nodes(const void *a_ptr, const void *b_ptr)
{
	const struct nstree_node *a = a_ptr, *b = b_ptr;
	uint32_t a_pid = a->pids.n ? a->pids.v[0] : UINT32_MAX;
	uint32_t b_pid = b->pids.n ? b->pids.v[0] : UINT32_MAX;

	if ((a->whose == NS_OF_HOST) != (b->whose == NS_OF_HOST))
		return a->whose == NS_OF_HOST ? -1 : 1;
	if (a->whose != NS_OF_HOST && a_pid != b_pid)
		return a_pid < b_pid ? -1 : 1;
	return compare_key(a->kind, a->ino, b->kind, b->ino);
}

static void put(struct build *build, size_t i, uint32_t depth, struct nstree *tree);

/* The nodes that `owner_ino` rules: the other kinds before the user namespaces. */
static void put_owned(struct build *build, uint64_t owner_ino, uint32_t depth, struct nstree *tree)
{
	for (int users = 0; users < 2; users++)
		for (size_t i = 0; i < count(build); i++) {
			const struct nstree_node *node = node_at(build, i);

			if (!node->is_listed && node->owner_ino == owner_ino &&
			    (node->kind == NS_USER) == users)
				put(build, i, depth, tree);
		}
}

static void put(struct build *build, size_t i, uint32_t depth, struct nstree *tree)
{
	struct nstree_node *node = node_at(build, i);

	node->is_listed = true;
	node->depth = depth;
	tree->nodes.v[tree->nodes.n++] = *node;
	if (node->kind == NS_USER)
		put_owned(build, node->ino, depth + 1, tree);
}

/* The user namespaces that lie in none that we see; then what has no owner that we see. */
static void put_all(struct build *build, struct nstree *tree)
{
	tree->nodes.v = arena_array(build->arena, struct nstree_node, count(build) + 1);
	if (count(build))
		qsort(node_at(build, 0), count(build), sizeof(struct nstree_node), compare_nodes);
	for (size_t i = 0; i < count(build); i++)
		if (node_at(build, i)->kind == NS_USER && node_at(build, i)->owner_ino == 0)
			put(build, i, 0, tree);
	for (size_t i = 0; i < count(build); i++)
		if (!node_at(build, i)->is_listed)
			put(build, i, 0, tree);
}

void nstree_make(const struct nsscan *scan, struct arena *arena, struct nstree *ret)
{
	struct build build = { .scan = scan, .arena = arena };

	*ret = (struct nstree){ .n_hidden = scan->n_hidden };
	add_inhabited(&build);
	for (size_t i = 0; i < build.n_sorted; i++)
		ask_by_process(&build, i);
	add_mounted(&build);
	put_all(&build, ret);
	buf_done(&build.nodes);
}

void nstree_name_all(const struct nsscan *scan, struct arena *arena, struct nstree *tree)
{
	tree->processes.v = arena_array(arena, struct nstree_process, scan->n + 1);
	tree->processes.n = scan->n;
	for (size_t i = 0; i < scan->n; i++)
		tree->processes.v[i] = (struct nstree_process){
			(uint32_t)scan->v[i].host_pid,
			nsscan_name(scan, &scan->v[i], arena),
		};
}
