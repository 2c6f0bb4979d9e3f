/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/cred.h"

#include "child.h"

#include <errno.h>
#include <grp.h>

static bool ids_and_groups_are_replaced(void)
{
	const uint32_t groups[] = { 7, 4294967294u };
	gid_t got[4] = {};
	uid_t ruid, euid, suid;

	return CHECK(cred_set_groups(groups, 2) == 0) && CHECK(cred_set_ids(4294967294u, 5) == 0) &&
	       CHECK(getresuid(&ruid, &euid, &suid) == 0) &&
	       CHECK(ruid == 4294967294u && euid == ruid && suid == ruid) &&
	       CHECK(getegid() == 5) && CHECK(getgroups(4, got) == 2 && got[0] == 7);
}

static bool no_groups_means_none(void)
{
	const uint32_t groups[] = { 7, 8 };

	return CHECK(cred_set_groups(groups, 2) == 0) && CHECK(cred_set_groups(NULL, 0) == 0) &&
	       CHECK(getgroups(0, NULL) == 0);
}

static bool the_id_that_means_leave_it_is_refused(void)
{
	return CHECK(cred_set_ids(UINT32_MAX, 1) == -EINVAL) &&
	       CHECK(cred_set_ids(1, UINT32_MAX) == -EINVAL) && CHECK(geteuid() == 0);
}

static bool there_is_no_way_back(void)
{
	return CHECK(cred_set_ids(1, 1) == 0) && CHECK(cred_set_ids(0, 0) == -EPERM) &&
	       CHECK(cred_set_groups(NULL, 0) == -EPERM);
}

int main(void)
{
	if (geteuid() != 0) {
		SKIP(ids_and_groups_are_replaced, "needs root");
		return tap_done();
	}
	TEST_IN_CHILD(ids_and_groups_are_replaced);
	TEST_IN_CHILD(no_groups_means_none);
	TEST_IN_CHILD(the_id_that_means_leave_it_is_refused);
	TEST_IN_CHILD(there_is_no_way_back);
	return tap_done();
}
