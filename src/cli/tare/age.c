/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ages of containers and images, for people.
 */
#include "cli/tare/age.h"

#include "base/timestamp.h"

const char *age_since(const char *moment, struct arena *arena)
{
	struct timespec then, now;
	char span[TIMESPAN_BYTES];

	if (!moment || timestamp_parse_any(moment, &then) < 0)
		return "";
	(void)clock_gettime(CLOCK_REALTIME, &now);
	timestamp_format_span(now.tv_sec - then.tv_sec, span);
	return arena_strdup(arena, span);
}

const char *age_ago(const char *moment, struct arena *arena)
{
	const char *age = age_since(moment, arena);

	return *age ? arena_printf(arena, "%s ago", age) : "N/A";
}

const char *age_moment(const char *moment, struct arena *arena)
{
	struct timespec when;
	char text[64];
	struct tm tm;

	if (!moment || timestamp_parse_any(moment, &when) < 0 || !localtime_r(&when.tv_sec, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z %Z", &tm))
		return "";
	return arena_strdup(arena, text);
}
