/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tests as claims. A test is a function that returns whether its claim holds; CHECK says which
 * line it was that did not; main lists the claims:
 *
 *	int main(void)
 *	{
 *		TEST(num_refuses_signs);
 *		return tap_done();
 *	}
 *
 * SKIP(name, why) counts a test that this machine cannot run.
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

#define CHECK(cond) \
	((cond) ? true : (printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond), false))
#define CHECK_STR(got, want) \
	(strcmp((got), (want)) == 0 \
		 ? true \
		 : (printf("# %s:%d: got \"%s\", want \"%s\"\n", __FILE__, __LINE__, (got), \
			   (want)), \
		    false))
#define TEST(fn) tap_result(fn(), #fn)
#define SKIP(fn, why) printf("ok %d - %s # SKIP %s\n", ++tap_count, #fn, why)

static inline void tap_result(bool ok, const char *claim)
{
	printf("%s %d - %s\n", ok ? "ok" : (tap_failed++, "not ok"), ++tap_count, claim);
	fflush(stdout);
}

static inline int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}
