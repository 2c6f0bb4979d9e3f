/* SPDX-License-Identifier: Apache-2.0 */
#include "base/moment.h"

#include "tap.h"

#include <errno.h>
#include <stdlib.h>

static const struct timespec now = { 1000000000, 500000000 };

static bool is(const char *text, int64_t seconds, long ns)
{
	struct timespec got = {};

	if (CHECK(moment_parse(text, &now, &got) == 0) && CHECK(got.tv_sec == seconds) &&
	    CHECK(got.tv_nsec == ns))
		return true;
	printf("# %s: %lld.%09ld\n", text, (long long)got.tv_sec, got.tv_nsec);
	return false;
}

static bool an_age_counts_back_from_now(void)
{
	return is("10m", 1000000000 - 600, 500000000) && is("1h30m", 1000000000 - 5400, 500000000) &&
	       is("1.5h", 1000000000 - 5400, 500000000) && is("0.75s", 999999999, 750000000) &&
	       is("750ms", 999999999, 750000000) && is("1us", 1000000000, 499999000) &&
	       is("1\xc2\xb5s", 1000000000, 499999000) && is("-10s", 1000000010, 500000000) &&
	       is("-750ms", 1000000001, 250000000) && is("+2s", 999999998, 500000000);
}

static bool a_date_may_end_early(void)
{
	return is("2001-09-09T01:46:40.25Z", 1000000000, 250000000) &&
	       is("2001-09-09T01:46:40Z", 1000000000, 0) &&
	       is("2001-09-09T03:46:40+02:00", 1000000000, 0) &&
	       is("2001-09-09T01:46Z", 999999960, 0) && is("2001-09-09T01Z", 999997200, 0) &&
	       is("2001-09-09Z", 999993600, 0) && is("2001-09-09-01:00", 999997200, 0);
}

static bool a_date_without_a_zone_is_local(void)
{
	bool ok;

	setenv("TZ", "XYZ-2", 1);
	tzset();
	ok = is("2001-09-09T03:46:40", 1000000000, 0) && is("2001-09-09", 999986400, 0) &&
	     is("2001-09-09T03:46:40.5", 1000000000, 500000000);
	setenv("TZ", "UTC", 1);
	tzset();
	return ok;
}

static bool seconds_have_a_fraction(void)
{
	return is("0", 0, 0) && is("1136073600", 1136073600, 0) &&
	       is("1136073600.000000001", 1136073600, 1) && is("5.25", 5, 250000000);
}

static bool what_makes_no_sense_is_refused(void)
{
	static const char *const rows[] = {
		"", "-", "m", "10x", "1.2.3s", ".s", "s10", "10m5", "99999999999h", "yesterday",
		"2001-09-0", "2001-13-09", "2001-09-09T", "2001-09-09T1", "2001-09-09T25:00",
		"2001-09-09T01:46:40.5X", "2001-09-09T01:46:", "2001-09-09 01:46", "1.", "1.x",
		"1.0000000001", "99999999999999999999", "2001-09-09T01:46:40+99:00",
	};
	struct timespec got = { 7, 7 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!CHECK(moment_parse(rows[i], &now, &got) < 0)) {
			printf("# '%s'\n", rows[i]);
			return false;
		}
	return CHECK(got.tv_sec == 7);
}

static bool moments_are_compared(void)
{
	const struct timespec a = { 1, 5 }, b = { 1, 6 }, c = { 2, 0 };

	return CHECK(moment_compare(&a, &b) < 0) && CHECK(moment_compare(&c, &b) > 0) &&
	       CHECK(moment_compare(&a, &a) == 0);
}

int main(void)
{
	TEST(an_age_counts_back_from_now);
	TEST(a_date_may_end_early);
	TEST(a_date_without_a_zone_is_local);
	TEST(seconds_have_a_fraction);
	TEST(what_makes_no_sense_is_refused);
	TEST(moments_are_compared);
	return tap_done();
}
