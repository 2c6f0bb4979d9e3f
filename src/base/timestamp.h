/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Moments as RFC 3339 writes them, in UTC: "2026-11-23T21:14:30.046172000Z". The C library would
 * look for /etc/localtime first, even to speak of UTC.
 */

#include <stdint.h>
#include <time.h>

#define TIMESTAMP_BYTES 72 /* with the NUL; 31 for the years that have four digits */

void timestamp_format(const struct timespec *when, char out[TIMESTAMP_BYTES]);

/* The other way, for what timestamp_format wrote. 0 or -EINVAL. */
int timestamp_parse(const char *text, struct timespec *ret);

/* What anybody wrote: RFC 3339, with a fraction or without, 'Z' or an offset. 0 or -EINVAL. */
int timestamp_parse_any(const char *text, struct timespec *ret);

/* "3 seconds", "About an hour", "2 weeks": as docker says how long something took. */
#define TIMESPAN_BYTES 32
void timestamp_format_span(int64_t seconds, char out[TIMESPAN_BYTES]);

void timestamp_now(char out[TIMESTAMP_BYTES]);
