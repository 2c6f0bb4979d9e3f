/* SPDX-License-Identifier: Apache-2.0 */
/* The two families behind one face. */
#include "sys/sock_address.h"

#include <string.h>

socklen_t sock_address_fill(const struct ip *ip, uint16_t port, union sock_address *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->any.sa_family = ip->family;
	if (ip->family == AF_INET) {
		ret->ip4.sin_port = htons(port);
		memcpy(&ret->ip4.sin_addr, ip->bytes, sizeof(ret->ip4.sin_addr));
		return sizeof(ret->ip4);
	}
	ret->ip6.sin6_port = htons(port);
	memcpy(&ret->ip6.sin6_addr, ip->bytes, sizeof(ret->ip6.sin6_addr));
	return sizeof(ret->ip6);
}

uint16_t sock_address_port(const union sock_address *address)
{
	return ntohs(address->any.sa_family == AF_INET ? address->ip4.sin_port
						       : address->ip6.sin6_port);
}
