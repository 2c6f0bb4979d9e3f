/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The addresses of network interfaces. rtnetlink(7). */

#include "base/buf.h"
#include "base/err.h"
#include "base/ip.h"
#include "sys/netlink.h"

#include <linux/if_addr.h>
#include <stddef.h>

/* Append the message that gives interface `index` the address, which may have it already: IPv4 with
 * its broadcast address, IPv6 without asking around whether it is free. */
void address_add(struct netlink_batch *batch, int index, const struct ip_net *address);

/* Append the message that takes it away. */
void address_remove(struct netlink_batch *batch, int index, const struct ip_net *address);

/* Append those of interface `index` of global scope, as an array of struct ip_net. */
int address_list(struct netlink *nl, int index, struct buf *ret, struct err *err);
