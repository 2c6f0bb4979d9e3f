/* SPDX-License-Identifier: Apache-2.0 */
#include "base/timestamp.h"
#include "tap.h"

#include <errno.h>

static bool is(time_t seconds, long ns, const char *want)
{
	char got[TIMESTAMP_BYTES];

	timestamp_format(&(struct timespec){ seconds, ns }, got);
	return CHECK_STR(got, want);
}

static bool the_epoch_is_1970(void)
{
	return is(0, 0, "1970-01-01T00:00:00.000000000Z") &&
	       is(-1, 999999999, "1969-12-31T23:59:59.999999999Z");
}

static bool leap_days_come_when_they_should(void)
{
	return is(951782400, 0, "2000-02-29T00:00:00.000000000Z") &&
	       is(1709164799, 0, "2024-02-28T23:59:59.000000000Z") &&
	       is(1709164800, 0, "2024-02-29T00:00:00.000000000Z") &&
	       is(4107542399, 0, "2100-02-28T23:59:59.000000000Z") &&
	       is(4107542400, 0, "2100-03-01T00:00:00.000000000Z");
}

static bool years_end_in_december(void)
{
	return is(1767225599, 1, "2025-12-31T23:59:59.000000001Z") &&
	       is(1767225600, 0, "2026-01-01T00:00:00.000000000Z");
}

/* Every day of four centuries, beside the C library's own calendar. */
static bool agrees_with_gmtime(void)
{
	for (time_t day = -200 * 366; day < 400 * 366; day++) {
		time_t seconds = day * 86400 + 12345;
		char want[TIMESTAMP_BYTES], got[TIMESTAMP_BYTES];
		struct tm tm;

		if (!CHECK(gmtime_r(&seconds, &tm) != NULL))
			return false;
		(void)strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.000000000Z", &tm);
		timestamp_format(&(struct timespec){ seconds, 0 }, got);
		if (strcmp(got, want) != 0)
			return CHECK_STR(got, want);
	}
	return true;
}

static bool what_was_written_is_read(void)
{
	static const time_t moments[] = { 0, 951782400, 1709164799, 1795524073, 4107542400 };
	char text[TIMESTAMP_BYTES];
	struct timespec got;

	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		timestamp_format(&(struct timespec){ moments[i], 5 + (long)i }, text);
		if (!CHECK(timestamp_parse(text, &got) == 0) || !CHECK(got.tv_sec == moments[i]) ||
		    !CHECK(got.tv_nsec == 5 + (long)i))
			return false;
	}
	return true;
}

static bool what_is_no_moment_is_refused(void)
{
	static const char *const bad[] = {
		"", "2026-11-24", "2026-13-01T00:00:00.000000000Z",
		"2026-02-29T00:00:00.000000000Z",
		"2026-11-24T24:00:00.000000000Z", "2026-11-24T00:00:00.000000000",
		"2026-11-24T00:00:00.000000000Zx", " 026-11-24T00:00:00.000000000Z",
	};
	struct timespec got;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!CHECK(timestamp_parse(bad[i], &got) < 0))
			return false;
	return true;
}

static bool spans_are_said_as_people_do(void)
{
	static const struct {
		int64_t seconds;
		const char *want;
	} spans[] = {
		{ 0, "Less than a second" }, { 1, "1 second" },	    { 59, "59 seconds" },
		{ 60, "About a minute" },    { 150, "2 minutes" },  { 3600, "About an hour" },
		{ 47 * 3600, "47 hours" },   { 48 * 3600, "2 days" }, { 14 * 86400, "2 weeks" },
		{ 61 * 86400, "2 months" },  { 800 * 86400LL, "2 years" },
	};
	char got[TIMESPAN_BYTES];

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		timestamp_format_span(spans[i].seconds, got);
		if (!CHECK_STR(got, spans[i].want))
			return false;
	}
	return true;
}

static bool anybodys_moments_are_read(void)
{
	static const struct {
		const char *text, *same;
	} moments[] = {
		{ "2006-01-02T15:04:05Z", "2006-01-02T15:04:05.000000000Z" },
		{ "2006-01-02T15:04:05.5Z", "2006-01-02T15:04:05.500000000Z" },
		{ "2006-01-02T15:04:05.1234567891Z", "2006-01-02T15:04:05.123456789Z" },
		{ "2006-01-02T15:04:05+02:00", "2006-01-02T13:04:05.000000000Z" },
		{ "2006-01-02t15:04:05.25-00:30", "2006-01-02T15:34:05.250000000Z" },
		{ "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000000Z" },
	};

	for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
		struct timespec when = {};
		char again[TIMESTAMP_BYTES];

		if (!CHECK(timestamp_parse_any(moments[i].text, &when) == 0))
			return false;
		timestamp_format(&when, again);
		if (!CHECK_STR(again, moments[i].same))
			return false;
	}
	return true;
}

static bool what_nobody_writes_is_refused(void)
{
	static const char *const bad[] = {
		"", "Z", "2006-01-02", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z",
		"2006-13-02T15:04:05Z", "2006-01-02T25:04:05Z", "2006-01-02T15:04:05+2:00",
		"2006-01-02T15:04:05+02:00Z", "2006-01-02T15:04:05.x", "2006-01-02T15:04:05+24:00",
	};
	struct timespec when;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!CHECK(timestamp_parse_any(bad[i], &when) == -EINVAL))
			return false;
	return true;
}

int main(void)
{
	TEST(anybodys_moments_are_read);
	TEST(what_nobody_writes_is_refused);
	TEST(what_was_written_is_read);
	TEST(what_is_no_moment_is_refused);
	TEST(spans_are_said_as_people_do);
	TEST(the_epoch_is_1970);
	TEST(leap_days_come_when_they_should);
	TEST(years_end_in_december);
	TEST(agrees_with_gmtime);
	return tap_done();
}
