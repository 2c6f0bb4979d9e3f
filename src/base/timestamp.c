/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 3339 from a timespec. The calendar is counted in eras of 400 years that begin on the first
 * of March, so that the leap day is the last one of its year.
 */
#include "base/timestamp.h"

#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DAYS_PER_ERA 146097
#define DAYS_TO_EPOCH 719468 /* from 0000-03-01 to 1970-01-01 */

struct date {
	int64_t year;
	unsigned month, day;
};

static struct date date_of_day(int64_t days)
{
	int64_t shifted = days + DAYS_TO_EPOCH;
	int64_t era = (shifted >= 0 ? shifted : shifted - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	unsigned in_era = (unsigned)(shifted - era * DAYS_PER_ERA);
	unsigned year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	unsigned in_year = in_era - (365 * year + year / 4 - year / 100);
	unsigned from_march = (5 * in_year + 2) / 153;
	unsigned month = from_march < 10 ? from_march + 3 : from_march - 9;
	unsigned day = in_year - (153 * from_march + 2) / 5 + 1;

	return (struct date){ era * 400 + year + (month <= 2), month, day };
}

void timestamp_format(const struct timespec *when, char out[TIMESTAMP_BYTES])
{
	int64_t seconds = when->tv_sec;
	int64_t days = (seconds >= 0 ? seconds : seconds - 86399) / 86400;
	unsigned in_day = (unsigned)(seconds - days * 86400);
	struct date date = date_of_day(days);

	(void)snprintf(out, TIMESTAMP_BYTES, "%04lld-%02u-%02uT%02u:%02u:%02u.%09ldZ",
		       (long long)date.year, date.month, date.day, in_day / 3600,
		       in_day / 60 % 60, in_day % 60, when->tv_nsec);
}

void timestamp_now(char out[TIMESTAMP_BYTES])
{
	struct timespec now = {};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	timestamp_format(&now, out);
}

static int64_t day_of_date(const struct date *date)
{
	int64_t year = date->month <= 2 ? date->year - 1 : date->year;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	unsigned in_era_year = (unsigned)(year - era * 400);
	unsigned from_march = date->month > 2 ? date->month - 3 : date->month + 9;
	unsigned in_year = (153 * from_march + 2) / 5 + date->day - 1;
	unsigned in_era = in_era_year * 365 + in_era_year / 4 - in_era_year / 100 + in_year;

	return era * DAYS_PER_ERA + in_era - DAYS_TO_EPOCH;
}

int timestamp_parse(const char *text, struct timespec *ret)
{
	unsigned year, hour, minute, second, ns;
	char again[TIMESTAMP_BYTES];
	struct date date = {};

	if (sscanf(text, "%4u-%2u-%2uT%2u:%2u:%2u.%9uZ", &year, &date.month, &date.day, &hour,
		   &minute, &second, &ns) != 7)
		return -EINVAL;
	date.year = year;
	ret->tv_sec = day_of_date(&date) * 86400 + hour * 3600 + minute * 60 + second;
	ret->tv_nsec = ns;
	/* Whatever is wrong with it, it would be written otherwise. */
	timestamp_format(ret, again);
	return strcmp(again, text) == 0 ? 0 : -EINVAL;
}

void timestamp_format_span(int64_t seconds, char out[TIMESPAN_BYTES])
{
	static const struct {
		int64_t below_s, unit_s;
		const char *one, *many;
	} spans[] = {
		{ 60, 1, "1 second", "seconds" },
		{ 60 * 60, 60, "About a minute", "minutes" },
		{ 48 * 3600, 3600, "About an hour", "hours" },
		{ 14 * 86400, 86400, "1 day", "days" },
		{ 60 * 86400, 7 * 86400, "1 week", "weeks" },
		{ 730 * 86400LL, 30 * 86400, "1 month", "months" },
		{ INT64_MAX, 365 * 86400, "1 year", "years" },
	};
	size_t i = 0;

	if (seconds < 1) {
		(void)snprintf(out, TIMESPAN_BYTES, "Less than a second");
		return;
	}
	while (seconds >= spans[i].below_s)
		i++;
	if (seconds / spans[i].unit_s == 1)
		(void)snprintf(out, TIMESPAN_BYTES, "%s", spans[i].one);
	else
		(void)snprintf(out, TIMESPAN_BYTES, "%lld %s",
			       (long long)(seconds / spans[i].unit_s), spans[i].many);
}
