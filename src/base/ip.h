/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Internet addresses and networks as values, IPv4 and IPv6 alike: what people write of them, and
 * the arithmetic that hands addresses out. Bytes are in network order. inet(3), RFC 4632, RFC 4291;
 * text as RFC 5952 has it.
 */

#include "base/err.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct ip {
	uint8_t family; /* AF_INET or AF_INET6; 0: none */
	uint8_t bytes[16]; /* of AF_INET the first four; the others are 0 */
};

/* An address, and how many of its first bits are the network's. */
struct ip_net {
	struct ip ip;
	uint8_t bits;
};

#define IP_BYTES     INET6_ADDRSTRLEN
#define IP_NET_BYTES (INET6_ADDRSTRLEN + 4)

/* ------------------------------------------------------------------------------- text */

/* "10.0.0.1", "fd00::1". ERR_USAGE; *ret is left alone then. */
int ip_parse(const char *str, struct ip *ret, struct err *err);

/* "10.0.0.0/24": the bits are required, those behind them may be anything. */
int ip_net_parse(const char *str, struct ip_net *ret, struct err *err);

/* Both return `ret`; of no address it is "". */
const char *ip_format(const struct ip *ip, char ret[static IP_BYTES]);
const char *ip_net_format(const struct ip_net *net, char ret[static IP_NET_BYTES]);

/* ------------------------------------------------------------------------------- values */

static inline bool ip_is_set(const struct ip *ip)
{
	return ip->family != 0;
}

bool ip_is_any(const struct ip *ip); /* 0.0.0.0, ::, or none at all */

unsigned ip_len(const struct ip *ip); /* 4 or 16 bytes; 0 of none */

/* IPv4 before IPv6, then by number: <0, 0, >0. */
int ip_compare(const struct ip *a, const struct ip *b);

/* The address `n` behind it (before it, if negative); it goes round at the end of the family. */
struct ip ip_add(const struct ip *ip, int64_t n);

/* How far `ip` is behind `from`, which is of its family and not greater; UINT64_MAX: that far or
 * farther. */
uint64_t ip_distance(const struct ip *from, const struct ip *ip);

/* ------------------------------------------------------------------------------- networks */

struct ip ip_net_first(const struct ip_net *net); /* the bits behind the network's are 0 */
struct ip ip_net_last(const struct ip_net *net);  /* they are 1: of IPv4 the broadcast address */

bool ip_net_has(const struct ip_net *net, const struct ip *ip);
bool ip_net_overlaps(const struct ip_net *a, const struct ip_net *b);
