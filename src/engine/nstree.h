/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * All namespaces of the host that we may see, in the order of a tree: a user namespace, those whose
 * rights it rules, and then the user namespaces inside it, the same way. Of a namespace without
 * processes we know if it is an ancestor or the owner of another, or if it is mounted where we see
 * it (as `ip netns add` does); one that only a descriptor keeps stays unseen.
 */

#include "engine/nsscan.h"
#include "oci/types.h"

struct nstree_node {
	int kind;  /* enum ns_kind */
	int whose; /* enum ns_whose */
	uint64_t ino;
	uint64_t owner_ino;  /* of the user namespace that rules it; 0: not ours to see, or none */
	uint64_t parent_ino; /* of the next one out, user and pid only; 0 as above */
	struct oci_u64 owner_uid; /* who made it, user only */
	OCI_LIST(uint32_t) pids;
	struct oci_strings mounts; /* where it is mounted */
	uint32_t depth;
	bool is_listed; /* used while the tree is put in order */
};

struct nstree_process {
	uint32_t host_pid;
	char *name; /* UTF-8 */
};

struct nstree {
	OCI_LIST(struct nstree_node) nodes; /* in order; the depth says what lies in what */
	OCI_LIST(struct nstree_process) processes; /* by pid; empty until nstree_name_all */
	uint64_t n_hidden; /* processes whose namespaces we may not read */
};

void nstree_make(const struct nsscan *scan, struct arena *arena, struct nstree *ret);

/* Fill tree->processes, which takes a look at each: for who wants to know all their names. */
void nstree_name_all(const struct nsscan *scan, struct arena *arena, struct nstree *tree);
