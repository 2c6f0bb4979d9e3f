/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each way of writing a moment is tried in turn; none of them can be taken for another. A date is
 * completed to all of RFC 3339, which base/timestamp.h reads; one without a zone is read as UTC and
 * then moved to where we are.
 */
#include "base/moment.h"

#include "base/num.h"
#include "base/timestamp.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_S 1000000000LL

/* ------------------------------------------------------------------------------- durations */

static const struct {
	const char *name;
	int64_t ns;
} units[] = {
	{ "ns", 1 },          { "us", 1000 },         { "\xc2\xb5s", 1000 }, { "\xce\xbcs", 1000 },
	{ "ms", 1000000 },    { "s", NS_PER_S },      { "m", 60 * NS_PER_S },
	{ "h", 3600 * NS_PER_S },
};

/* The unit at *text, which is moved behind it; 0: there is none. */
static int64_t take_unit(const char **text)
{
	size_t len = strcspn(*text, "0123456789.");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len && memcmp(units[i].name, *text, len) == 0) {
			*text += len;
			return units[i].ns;
		}
	return 0;
}

/* "12." or "12.5": the digits as a whole number, and what to divide it by. */
static int take_number(const char **text, int64_t *ret, int64_t *ret_scale)
{
	const char *p = *text;
	bool has_point = false;
	int digits = 0;

	*ret = 0;
	*ret_scale = 1;
	for (; (*p >= '0' && *p <= '9') || (*p == '.' && !has_point); p++) {
		if (*p == '.') {
			has_point = true;
			continue;
		}
		digits++;
		if (has_point && *ret_scale >= NS_PER_S)
			continue; /* finer than a nanosecond, even of an hour's parts */
		if (__builtin_mul_overflow(*ret, 10, ret) ||
		    __builtin_add_overflow(*ret, *p - '0', ret))
			return -EINVAL;
		*ret_scale *= has_point ? 10 : 1;
	}
	*text = p;
	return digits ? 0 : -EINVAL;
}

/* One number with its unit, added to *sum. */
static int take_span(const char **text, int64_t *sum)
{
	int64_t number, scale, unit, whole, part;

	if (take_number(text, &number, &scale) < 0)
		return -EINVAL;
	unit = take_unit(text);
	part = (int64_t)((long double)(number % scale) * (long double)unit / (long double)scale);
	if (!unit || __builtin_mul_overflow(number / scale, unit, &whole) ||
	    __builtin_add_overflow(*sum, whole, sum) || __builtin_add_overflow(*sum, part, sum))
		return -EINVAL;
	return 0;
}

int moment_parse_duration(const char *text, int64_t *ret_ns)
{
	bool is_negative = *text == '-';
	int64_t sum = 0;

	text += is_negative || *text == '+';
	if (!*text)
		return -EINVAL;
	while (*text)
		if (take_span(&text, &sum) < 0)
			return -EINVAL;
	*ret_ns = is_negative ? -sum : sum;
	return 0;
}

/* ------------------------------------------------------------------------------- moments */

static int parse_age(const char *text, const struct timespec *now, struct timespec *ret)
{
	int64_t age_ns, ns;

	if (moment_parse_duration(text, &age_ns) < 0)
		return -EINVAL;
	ns = now->tv_nsec - age_ns % NS_PER_S;
	ret->tv_sec = now->tv_sec - age_ns / NS_PER_S;
	ret->tv_sec += ns < 0 ? -1 : ns >= NS_PER_S;
	ret->tv_nsec = ns < 0 ? ns + NS_PER_S : ns % NS_PER_S;
	return 0;
}

/* "12" or "12.5", in which the digits behind the point are a fraction. */
static int parse_seconds(const char *text, struct timespec *ret)
{
	size_t len = strcspn(text, "."), n_digits;
	char whole[24], digits[] = "000000000";
	uint64_t seconds, ns = 0;

	if (len >= sizeof(whole))
		return -EINVAL;
	(void)snprintf(whole, sizeof(whole), "%.*s", (int)len, text);
	if (num_parse_u64(whole, &seconds) < 0 || seconds > INT64_MAX)
		return -EINVAL;
	if (text[len]) {
		n_digits = strlen(text + len + 1);
		if (n_digits < 1 || n_digits >= sizeof(digits))
			return -EINVAL;
		memcpy(digits, text + len + 1, n_digits);
		if (num_parse_u64(digits, &ns) < 0)
			return -EINVAL;
	}
	*ret = (struct timespec){ (time_t)seconds, (long)ns };
	return 0;
}

/* The same numbers on our own clock. */
static void make_local(struct timespec *when)
{
	struct tm tm;

	if (gmtime_r(&when->tv_sec, &tm)) {
		tm.tm_isdst = -1;
		when->tv_sec = mktime(&tm);
	}
}

static int parse_date(const char *text, struct timespec *ret)
{
	static const char midnight[] = "T00:00:00";
	size_t date = strlen("2006-01-02"), whole = date + strlen(midnight), len;
	const char *zone;
	struct timespec when;
	char full[64];

	if (strlen(text) < date)
		return -EINVAL;
	len = date + strcspn(text + date, "Zz+-");
	zone = text + len;
	if (len < whole && (len - date) % strlen(":00") != 0)
		return -EINVAL;
	if (snprintf(full, sizeof(full), "%.*s%s%s", (int)len, text,
		     len < whole ? midnight + (len - date) : "", *zone ? zone : "Z") >=
	    (int)sizeof(full) || timestamp_parse_any(full, &when) < 0)
		return -EINVAL;
	if (!*zone)
		make_local(&when);
	*ret = when;
	return 0;
}

int moment_parse(const char *text, const struct timespec *now, struct timespec *ret)
{
	if (parse_seconds(text, ret) == 0 || parse_date(text, ret) == 0)
		return 0;
	return parse_age(text, now, ret);
}

int moment_compare(const struct timespec *a, const struct timespec *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? -1 : 1;
	return (a->tv_nsec > b->tv_nsec) - (a->tv_nsec < b->tv_nsec);
}
