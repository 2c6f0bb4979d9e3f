/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Commands as witnesses: does it succeed? */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline bool sh(const char *command)
{
	fflush(stdout);
	return system(command) == 0 ? true : (printf("# it failed: %s\n", command), false);
}
