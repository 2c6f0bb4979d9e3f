/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter as it was built, with the returns opened that the container's capabilities open: a
 * copy of some thousand bytes and some dozen comparisons; no name is looked up, no code made.
 */
#include "profile/filter.h"

#include "profile/filter_data.h"

#include <linux/seccomp.h>
#include <string.h>

void profile_filter(uint64_t caps, struct arena *arena, struct sock_fprog *ret)
{
	struct sock_filter *insns = arena_array(arena, struct sock_filter, profile_n_insns);

	memcpy(insns, profile_insns, profile_n_insns * sizeof(*insns));
	for (size_t i = 0; i < profile_n_keys; i++)
		if (profile_keys[i].caps & caps)
			insns[profile_keys[i].at].k = SECCOMP_RET_ALLOW;
	*ret = (struct sock_fprog){ .filter = insns, .len = (unsigned short)profile_n_insns };
}
