/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/rlimit.h"

#include "child.h"

#include <sys/resource.h>

static bool errors_name_the_type(void)
{
	struct rlimit_value v;
	struct err err = {};

	return CHECK(rlimit_parse("RLIMIT_FOO", 1, 2, &v, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "unknown rlimit 'RLIMIT_FOO'") &&
	       CHECK(rlimit_parse("rlimit_core", 1, 2, &v, &err) == -EINVAL) &&
	       CHECK(rlimit_parse("RLIMIT_CORE", 3, 2, &v, &err) == -EINVAL);
}

static bool limits_are_set_as_given(void)
{
	struct rlimit_value v;
	struct rlimit got;
	struct err err = {};

	return CHECK(rlimit_parse("RLIMIT_NOFILE", 11, 22, &v, &err) == 0) &&
	       CHECK(rlimit_set(&v) == 0) && CHECK(getrlimit(RLIMIT_NOFILE, &got) == 0) &&
	       CHECK(got.rlim_cur == 11 && got.rlim_max == 22) &&
	       CHECK(rlimit_parse("RLIMIT_CORE", UINT64_MAX, UINT64_MAX, &v, &err) == 0) &&
	       CHECK(rlimit_set(&v) == 0) && CHECK(getrlimit(RLIMIT_CORE, &got) == 0) &&
	       CHECK(got.rlim_cur == RLIM_INFINITY);
}

static bool a_hard_limit_does_not_rise_without_the_right(void)
{
	struct rlimit_value low, high;
	struct err err = {};

	return CHECK(rlimit_parse("RLIMIT_CORE", 1, 2, &low, &err) == 0) &&
	       CHECK(rlimit_parse("RLIMIT_CORE", 1, 3, &high, &err) == 0) &&
	       CHECK(rlimit_set(&low) == 0) && CHECK(setuid(1) == 0) &&
	       CHECK(rlimit_set(&high) == -EPERM) && CHECK(rlimit_set(&low) == 0);
}

static bool only_the_hard_limit_rises(void)
{
	const struct rlimit_value low = { RLIMIT_CORE, 1, 2 }, high = { RLIMIT_CORE, 9, 9 };
	struct rlimit_value now = { .resource = RLIMIT_CORE };
	int r;

	if (!CHECK(rlimit_raise(&low) == 0) || !CHECK(rlimit_set(&low) == 0))
		return false;
	r = rlimit_raise(&high);
	return CHECK(r == 0 || r == -EPERM) && CHECK(rlimit_get(&now) == 0) &&
	       CHECK(now.soft == 1) && CHECK(now.hard == (r == 0 ? 9 : 2));
}

int main(void)
{
	TEST(errors_name_the_type);
	if (geteuid() != 0) {
		SKIP(limits_are_set_as_given, "needs root");
		return tap_done();
	}
	TEST_IN_CHILD(limits_are_set_as_given);
	TEST_IN_CHILD(only_the_hard_limit_rises);
	TEST_IN_CHILD(a_hard_limit_does_not_rise_without_the_right);
	return tap_done();
}
