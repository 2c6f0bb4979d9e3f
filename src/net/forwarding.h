/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The host as a router between its interfaces. /proc/sys/net, of the calling process's network
 * namespace. */

#include "base/err.h"

#include <stdbool.h>

/* See to it that the host forwards IPv4, and IPv6 if `has_ip6`. What it learns itself from routers
 * that advertise themselves (its own default route, often) it goes on learning. */
int forwarding_enable(bool has_ip6, struct err *err);
