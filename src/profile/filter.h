/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The default profile as a filter for seccomp(2). It was compiled when tare was built; what
 * containers may do by it stands in profile/table.c.
 */

#include "base/arena.h"

#include <linux/filter.h>
#include <stdint.h>

/* For a container that has the capabilities `caps`, CAP_* as bits. It lives in `arena`. */
void profile_filter(uint64_t caps, struct arena *arena, struct sock_fprog *ret);
