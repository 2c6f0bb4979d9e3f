/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/caps.h"

#include "child.h"
#include "sys/cred.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/prctl.h>

#define BIT(cap) (UINT64_C(1) << (cap))

/* A line of /proc/self/status, read as a second opinion. */
static uint64_t status_mask(const char *field)
{
	FILE *f = fopen("/proc/self/status", "re");
	uint64_t mask = ~UINT64_C(0);
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, field, strlen(field)) == 0)
			mask = strtoull(line + strlen(field) + 1, NULL, 16);
	if (f)
		fclose(f);
	return mask;
}

static bool names_are_those_of_the_manual(void)
{
	uint64_t bit = 0;

	return CHECK(caps_parse_name("CAP_CHOWN", ~UINT64_C(0), &bit) == 0 && bit == BIT(0)) &&
	       CHECK(caps_parse_name("CAP_CHECKPOINT_RESTORE", ~UINT64_C(0), &bit) == 0) &&
	       CHECK(bit == BIT(40)) &&
	       CHECK(caps_parse_name("cap_chown", ~UINT64_C(0), &bit) == -ENOENT) &&
	       CHECK(caps_parse_name("CHOWN", ~UINT64_C(0), &bit) == -ENOENT) &&
	       CHECK(caps_parse_name("CAP_UNHEARD_OF", ~UINT64_C(0), &bit) == -ENOENT) &&
	       CHECK_STR(caps_name(21), "CAP_SYS_ADMIN") && CHECK(caps_name(64) == NULL);
}

static bool names_this_kernel_lacks_are_unknown(void)
{
	uint64_t bit;

	return CHECK(caps_parse_name("CAP_BPF", BIT(CAP_BPF) - 1, &bit) == -ENOENT);
}

static bool known_is_what_the_kernel_says(void)
{
	FILE *f = fopen("/proc/sys/kernel/cap_last_cap", "re");
	int last = -1, n = f ? fscanf(f, "%d", &last) : 0;

	if (f)
		fclose(f);
	return CHECK(n == 1) && CHECK(caps_known() == BIT(last + 1) - 1);
}

static bool bounding_keeps_only_what_is_asked(void)
{
	return CHECK(caps_drop_bounding(BIT(CAP_KILL) | BIT(CAP_SETPCAP), caps_known()) == 0) &&
	       CHECK(status_mask("CapBnd:") == (BIT(CAP_KILL) | BIT(CAP_SETPCAP)));
}

static bool sets_end_as_given(void)
{
	const struct caps caps = {
		.permitted = BIT(CAP_KILL) | BIT(CAP_CHOWN) | BIT(CAP_BPF),
		.effective = BIT(CAP_KILL),
		.inheritable = BIT(CAP_CHOWN) | BIT(CAP_KILL),
		.ambient = BIT(CAP_CHOWN),
	};

	return CHECK(caps_set(&caps) == 0) && CHECK(status_mask("CapPrm:") == caps.permitted) &&
	       CHECK(status_mask("CapEff:") == caps.effective) &&
	       CHECK(status_mask("CapInh:") == caps.inheritable) &&
	       CHECK(status_mask("CapAmb:") == caps.ambient);
}

static bool sets_survive_the_change_of_user(void)
{
	const struct caps caps = { .permitted = BIT(CAP_KILL), .effective = BIT(CAP_KILL) };

	return CHECK(cred_keep_caps() == 0) && CHECK(cred_set_groups(NULL, 0) == 0) &&
	       CHECK(cred_set_ids(1234, 1234) == 0) && CHECK(caps_set(&caps) == 0) &&
	       CHECK(status_mask("CapEff:") == BIT(CAP_KILL));
}

static bool no_set_at_all_is_a_set(void)
{
	const struct caps none = {};

	return CHECK(caps_set(&none) == 0) && CHECK(status_mask("CapPrm:") == 0) &&
	       CHECK(status_mask("CapEff:") == 0) && CHECK(status_mask("CapAmb:") == 0);
}

static bool more_than_we_hold_is_refused(void)
{
	const struct caps none = {}, kill = { .permitted = BIT(CAP_KILL) };

	return CHECK(caps_set(&none) == 0) && CHECK(caps_set(&kill) == -EPERM) &&
	       CHECK(caps_drop_bounding(0, caps_known()) == -EPERM);
}

static bool ambient_needs_inheritable(void)
{
	const struct caps caps = { .permitted = BIT(CAP_KILL), .ambient = BIT(CAP_KILL) };

	return CHECK(caps_set(&caps) == -EPERM);
}

static bool what_is_gone_already_needs_no_right(void)
{
	const struct caps none = {};

	return CHECK(caps_drop_bounding(0, caps_known()) == 0) && CHECK(caps_set(&none) == 0) &&
	       CHECK(caps_drop_bounding(0, caps_known()) == 0);
}


static bool permitted_is_what_the_kernel_says(void)
{
	return CHECK(caps_permitted() == status_mask("CapPrm"));
}

int main(void)
{
	TEST(names_are_those_of_the_manual);
	TEST(names_this_kernel_lacks_are_unknown);
	TEST(known_is_what_the_kernel_says);
	TEST(permitted_is_what_the_kernel_says);
	if (geteuid() != 0) {
		SKIP(sets_end_as_given, "needs root");
		return tap_done();
	}
	TEST_IN_CHILD(bounding_keeps_only_what_is_asked);
	TEST_IN_CHILD(sets_end_as_given);
	TEST_IN_CHILD(sets_survive_the_change_of_user);
	TEST_IN_CHILD(no_set_at_all_is_a_set);
	TEST_IN_CHILD(more_than_we_hold_is_refused);
	TEST_IN_CHILD(ambient_needs_inheritable);
	TEST_IN_CHILD(what_is_gone_already_needs_no_right);
	return tap_done();
}
