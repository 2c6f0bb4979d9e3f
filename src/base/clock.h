/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The time that nobody sets, for how long something takes: CLOCK_MONOTONIC of clock_gettime(2). */

#include <stdint.h>
#include <time.h>

static inline int64_t clock_ns(void)
{
	struct timespec now = {};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t clock_ms(void)
{
	return clock_ns() / 1000000;
}
