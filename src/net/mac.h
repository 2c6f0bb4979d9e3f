/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hardware addresses of network interfaces, six bytes. IEEE 802; rtnetlink(7), IFLA_ADDRESS. */

#include "base/err.h"
#include "base/ip.h"

#include <stdint.h>

struct mac {
	uint8_t bytes[6]; /* all 0: none */
};

#define MAC_BYTES 18 /* "02:42:0a:58:00:02" */

/* "02:42:0a:58:00:02", or with '-'. One of a group, and the one of zeros, are none that an
 * interface can have. ERR_USAGE; *ret is left alone then. */
int mac_parse(const char *str, struct mac *ret, struct err *err);

/* Returns `ret`; of none it is "". */
const char *mac_format(const struct mac *mac, char ret[static MAC_BYTES]);

bool mac_is_set(const struct mac *mac);

/* The one that belongs to an address: locally administered, always the same, so that nobody's table
 * of neighbours is wrong when the next container gets the address. */
struct mac mac_of(const struct ip *ip);
