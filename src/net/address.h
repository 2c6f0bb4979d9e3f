/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The addresses of network interfaces. rtnetlink(7). */

#include "base/buf.h"
#include "base/err.h"
#include "base/ip.h"
#include "sys/netlink.h"

#include <linux/if_addr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Append the message that gives interface `index` the address, which may have it already: IPv4 with
 * its broadcast address, IPv6 without asking around whether it is free. */
void address_add(struct netlink_batch *batch, int index, const struct ip_net *address);

/* Append the message that takes it away. */
void address_remove(struct netlink_batch *batch, int index, const struct ip_net *address);

struct address {
	int index; /* of the interface */
	uint8_t scope; /* RT_SCOPE_UNIVERSE, RT_SCOPE_LINK, RT_SCOPE_HOST */
	struct ip_net net;
};

/* The address in an attribute (NULL: there is none), whose family is known. false: it has none. */
bool address_read(const struct rtattr *a, uint8_t family, struct ip *ret);

/* One message of an answer. false: it tells of no address. */
bool address_parse(const struct nlmsghdr *answer, struct address *ret);

/* Append those of interface `index` of global scope, as an array of struct ip_net. */
int address_list(struct netlink *nl, int index, struct buf *ret, struct err *err);
