/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Moments as people write them on a command line, in docker's ways:
 *
 *	10m, 1h30m, 1.5h             so long ago, as Go writes durations
 *	2026-11-27T11:03:21.5Z       RFC 3339; what is left out at its end is zero, and without a
 *	2026-11-27T11:03, 2026-11-27 zone it is the local time
 *	1795777401, 1795777401.25    seconds since 1970
 */

#include <stdint.h>
#include <time.h>

/* `now` is what ages count from. 0, or -EINVAL and *ret is left alone. */
int moment_parse(const char *text, const struct timespec *now, struct timespec *ret);

/* A duration of Go's: "1h30m", "-1.5s", "300ms". 0, or -EINVAL and *ret_ns is left alone. */
int moment_parse_duration(const char *text, int64_t *ret_ns);

/* < 0, 0 or > 0: a is earlier, the same, later. */
int moment_compare(const struct timespec *a, const struct timespec *b);
