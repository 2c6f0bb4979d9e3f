/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The whole plan of a container's first process: which operations, in which order. */

#include "rt/birth.h"

/* Fill b->plan, b->clone_flags and what the plan needs; the cgroup must exist by now. */
int birth_plan(struct birth *b, bool waits_on_socket, struct err *err);
