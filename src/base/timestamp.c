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

/* "Z" or "+02:00" to seconds east of Greenwich. */
static int parse_offset(const char *text, int64_t *ret_s)
{
	unsigned hours, minutes;
	int n = 0;

	*ret_s = 0;
	if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
		return 0;
	if ((*text != '+' && *text != '-') ||
	    sscanf(text + 1, "%2u:%2u%n", &hours, &minutes, &n) != 2 || n != 5 || text[6] ||
	    hours > 23 || minutes > 59)
		return -EINVAL;
	*ret_s = (*text == '-' ? -1 : 1) * (int64_t)(hours * 3600 + minutes * 60);
	return 0;
}

/* ".12" to 120000000; what comes after the ninth digit is dropped. */
static const char *parse_fraction(const char *text, long *ret_ns)
{
	long unit = 100000000;

	*ret_ns = 0;
	if (*text != '.')
		return text;
	for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
		*ret_ns += (*text - '0') * unit;
	return text;
}

int timestamp_parse_any(const char *text, struct timespec *ret)
{
	char whole[TIMESTAMP_BYTES];
	int64_t offset_s;
	long ns;

	if (strlen(text) < strlen("2006-01-02T15:04:05Z"))
		return -EINVAL;
	(void)snprintf(whole, sizeof(whole), "%.10sT%.8s.000000000Z", text, text + 11);
	if ((text[10] != 'T' && text[10] != 't') || timestamp_parse(whole, ret) < 0 ||
	    parse_offset(parse_fraction(text + 19, &ns), &offset_s) < 0)
		return -EINVAL;
	ret->tv_sec -= offset_s;
	ret->tv_nsec = ns;
	return 0;
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
