/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NUMA memory policy. Which modes go with nodes is checked here: the kernel has only EINVAL for all
 * of it. Whether the nodes exist, and whether a mode as new as weighted interleave does, is its own
 * to say.
 */
#include "sys/mempolicy.h"

#include <linux/mempolicy.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NODES_MAX 1024 /* the kernel's 1 << NODES_SHIFT at its largest */

/* Linux 6.9; headers may be older. Part of the enum there, so no #ifndef finds it. */
#define MODE_WEIGHTED_INTERLEAVE 6

enum node_use { NODES_NEVER, NODES_MAYBE, NODES_ALWAYS };

static const struct {
	const char *name;
	int number;
	enum node_use nodes;
} modes[] = {
	{ "MPOL_DEFAULT",	      MPOL_DEFAULT,		NODES_NEVER },
	{ "MPOL_PREFERRED",	      MPOL_PREFERRED,		NODES_MAYBE },
	{ "MPOL_BIND",		      MPOL_BIND,		NODES_ALWAYS },
	{ "MPOL_INTERLEAVE",	      MPOL_INTERLEAVE,		NODES_ALWAYS },
	{ "MPOL_LOCAL",		      MPOL_LOCAL,		NODES_NEVER },
	{ "MPOL_PREFERRED_MANY",      MPOL_PREFERRED_MANY,	NODES_ALWAYS },
	{ "MPOL_WEIGHTED_INTERLEAVE", MODE_WEIGHTED_INTERLEAVE, NODES_ALWAYS },
};

static const struct {
	const char *name;
	int bit;
} flag_names[] = {
	{ "MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING },
	{ "MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES },
	{ "MPOL_F_STATIC_NODES",   MPOL_F_STATIC_NODES },
};

static int parse_mode(const char *name, struct mempolicy *policy, enum node_use *ret_nodes,
		      struct err *err)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, name) == 0) {
			policy->mode = modes[i].number;
			*ret_nodes = modes[i].nodes;
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL, "unknown mode '%.64s'", name);
}

static int parse_flag(const char *name, struct mempolicy *policy, struct err *err)
{
	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
		if (strcmp(flag_names[i].name, name) == 0) {
			policy->mode |= flag_names[i].bit;
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL, "unknown flag '%.64s'", name);
}

static int parse_nodes(const char *nodes, enum node_use use, struct mempolicy *policy,
		       struct err *err)
{
	policy->has_nodes = nodes && *nodes;
	if (policy->has_nodes && use == NODES_NEVER)
		return err_set(err, ERR_USAGE, EINVAL, "nodes '%.64s': the mode takes none", nodes);
	if (!policy->has_nodes && use == NODES_ALWAYS)
		return err_set(err, ERR_USAGE, EINVAL, "nodes: the mode needs some");
	if (!policy->has_nodes)
		return 0;
	return bitlist_parse(nodes, NODES_MAX, &policy->nodes, err);
}

int mempolicy_parse(const char *mode, const char *nodes, char *const *flags, size_t n_flags,
		    struct mempolicy *ret, struct err *err)
{
	struct mempolicy policy = {};
	enum node_use use = NODES_NEVER;
	int r;

	if (syscall(SYS_get_mempolicy, NULL, NULL, 0, NULL, 0) < 0 && errno == ENOSYS)
		return err_set(err, ERR_SYSTEM, ENOSYS, "this kernel has no memory policies "
							"(CONFIG_NUMA)");
	r = parse_mode(mode, &policy, &use, err);
	for (size_t i = 0; i < n_flags && r == 0; i++)
		r = parse_flag(flags[i], &policy, err);
	if (r == 0)
		r = parse_nodes(nodes, use, &policy, err);
	if (r == 0)
		*ret = policy;
	return r;
}

int mempolicy_set(const struct mempolicy *policy)
{
	/* The kernel takes one off the count of bits that it is told. */
	long r = syscall(SYS_set_mempolicy, policy->mode,
			 policy->has_nodes ? policy->nodes.words : NULL,
			 policy->has_nodes ? NODES_MAX + 1 : 0);

	return r < 0 ? -errno : 0;
}
