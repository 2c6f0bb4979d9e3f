/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which address a new member of a network gets. The caller holds the lock of the members. */

#include "net/members.h"

/* Can a container have `ip`? ERR_USAGE: in no subnet, or one that no container has. */
int member_check_ip(const struct network *network, const struct ip *ip, struct err *err);

/* The next that is free behind the last one that was given, going round. -EADDRNOTAVAIL,
 * ERR_CONFLICT: there is none; *ret is none if the network has no subnet of that family. */
int member_choose(const struct network *network, const struct member_table *table, uint8_t family,
		  const char *id, struct ip *ret, struct err *err);
