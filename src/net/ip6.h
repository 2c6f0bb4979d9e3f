/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether an interface takes part in IPv6. /proc/sys/net/ipv6 of the kernel's ip-sysctl. */

#include "base/err.h"

#include <stdbool.h>

/* Of an interface in the network namespace of the calling process. On: it does, but believes no
 * router's advertisements, and has its link-local address as soon as it is up. Off: it has not even
 * that. A kernel without IPv6 is off already, and ERR_USAGE when it is wanted on. */
int ip6_set(const char *interface, bool is_on, struct err *err);

/* The same in the network namespace `netns_fd`. The calling process must be single-threaded: it
 * goes there for a moment. */
int ip6_set_in(int netns_fd, const char *interface, bool is_on, struct err *err);
