/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Taking a container away; what rt_delete does once it may, and what undoes a create that
 * failed. */

#include "rt/container.h"

/* Kill what lives, remove cgroups and state, run the poststop hooks. */
int delete_container(struct container *c, struct err *err);

/* Kill its first process, and wait until the kernel has seen that through. */
int delete_kill_first(const struct container *c, struct err *err);
