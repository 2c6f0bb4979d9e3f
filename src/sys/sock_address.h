/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Addresses of Internet sockets, as the kernel wants them. ip(7), ipv6(7). */

#include "base/ip.h"

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

union sock_address {
	struct sockaddr any;
	struct sockaddr_in ip4;
	struct sockaddr_in6 ip6;
};

/* Write all of *ret, without a scope; returns how long it is. */
socklen_t sock_address_fill(const struct ip *ip, uint16_t port, union sock_address *ret);

uint16_t sock_address_port(const union sock_address *address);
