/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/mempolicy.h"
#include "sys/personality.h"

#include "child.h"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

static bool have_policies(void)
{
	return syscall(SYS_get_mempolicy, NULL, NULL, 0, NULL, 0) == 0;
}

static bool binding_to_node_0_is_seen_by_the_kernel(void)
{
	char *flags[] = { (char *)"MPOL_F_STATIC_NODES" };
	unsigned long nodes[16] = {};
	struct mempolicy policy;
	struct err err = {};
	int mode = 0;

	return CHECK(mempolicy_parse("MPOL_BIND", "0", flags, 1, &policy, &err) == 0) &&
	       CHECK(mempolicy_set(&policy) == 0) &&
	       CHECK(syscall(SYS_get_mempolicy, &mode, nodes, 1024, NULL, 0) == 0) &&
	       CHECK(mode == (MPOL_BIND | MPOL_F_STATIC_NODES)) && CHECK(nodes[0] == 1) &&
	       CHECK(mempolicy_parse("MPOL_DEFAULT", NULL, NULL, 0, &policy, &err) == 0) &&
	       CHECK(mempolicy_set(&policy) == 0);
}

static bool absent_nodes_are_the_kernels_to_refuse(void)
{
	struct mempolicy policy;
	struct err err = {};

	return CHECK(mempolicy_parse("MPOL_BIND", "1023", NULL, 0, &policy, &err) == 0) &&
	       CHECK(mempolicy_set(&policy) == -EINVAL);
}

static bool refuses(const char *mode, const char *nodes, const char *flag, const char *words)
{
	char *flags[] = { (char *)flag };
	struct mempolicy policy;
	struct err err = {};

	return CHECK(mempolicy_parse(mode, nodes, flags, flag != NULL, &policy, &err) < 0) &&
	       CHECK_STR(err.msg, words);
}

static bool bad_policies_are_refused_with_their_reason(void)
{
	return refuses("MPOL_X", "0", NULL, "unknown mode 'MPOL_X'") &&
	       refuses("MPOL_BIND", "0", "MPOL_F_X", "unknown flag 'MPOL_F_X'") &&
	       refuses("MPOL_BIND", NULL, NULL, "nodes: the mode needs some") &&
	       refuses("MPOL_LOCAL", "0", NULL, "nodes '0': the mode takes none") &&
	       refuses("MPOL_BIND", "1024", NULL, "'1024': 1024 is above 1023") &&
	       refuses("MPOL_BIND", "x", NULL, "'x' is no list such as '0-3,7'");
}

static bool a_kernel_without_policies_is_named(void)
{
	return refuses("MPOL_BIND", "0", NULL, "this kernel has no memory policies (CONFIG_NUMA)");
}

static bool linux32_is_seen_by_uname(void)
{
	struct utsname u;
	struct err err = {};
	unsigned long persona;

	return CHECK(personality_parse("LINUX32", NULL, 0, &persona, &err) == 0) &&
	       CHECK(personality_set(persona) == 0) && CHECK(uname(&u) == 0) &&
	       CHECK(strstr(u.machine, "64") == NULL);
}

static bool personalities_and_flags_are_those_of_the_specification(void)
{
	char *flags[] = { (char *)"ADDR_NO_RANDOMIZE" };
	struct err err = {};
	unsigned long persona;

	return CHECK(personality_parse("LINUX", NULL, 0, &persona, &err) == 0 && persona == 0) &&
	       CHECK(personality_parse("BSD", NULL, 0, &persona, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "unknown domain 'BSD'") &&
	       CHECK(personality_parse("LINUX", flags, 1, &persona, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "unknown flag 'ADDR_NO_RANDOMIZE'");
}

int main(void)
{
	if (have_policies()) {
		TEST(bad_policies_are_refused_with_their_reason);
		TEST_IN_CHILD(binding_to_node_0_is_seen_by_the_kernel);
		TEST_IN_CHILD(absent_nodes_are_the_kernels_to_refuse);
	} else {
		SKIP(bad_policies_are_refused_with_their_reason, "the kernel has no NUMA");
		TEST(a_kernel_without_policies_is_named);
	}
	TEST_IN_CHILD(linux32_is_seen_by_uname);
	TEST(personalities_and_flags_are_those_of_the_specification);
	return tap_done();
}
